/**
 * The report's page while a sweep runs: what has changed, from the driver or the tables to HTTP.
 */
package org.tbptt.sweep.live;
