/** The tables of a sweep: their schemas, writing and reading them. Imports config and the model. */
package org.tbptt.sweep.results;
