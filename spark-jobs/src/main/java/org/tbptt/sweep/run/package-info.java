/** A running sweep: the driver's side and the executors' side. Imports config, grid and results. */
package org.tbptt.sweep.run;
