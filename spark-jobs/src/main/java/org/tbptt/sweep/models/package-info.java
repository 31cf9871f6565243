/**
 * Uses a kept model: finds it, exports it to DL4J, evaluates it, generates text. Imports results
 * and analysis.
 */
package org.tbptt.sweep.models;
