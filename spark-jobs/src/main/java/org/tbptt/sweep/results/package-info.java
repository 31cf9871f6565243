/**
 * All that is kept of sweeps: where its files are, the tables' columns, writing and reading them,
 * checkpoints' folders and models. Imports config and the model.
 */
package org.tbptt.sweep.results;
