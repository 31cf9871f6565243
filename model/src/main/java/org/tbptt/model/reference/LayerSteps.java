package org.tbptt.model.reference;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What one recurrent layer read and computed over some steps, a row per (t,b).
 *
 * @param u masked inputs (rows,in)
 * @param mask that is on them (rows,in), or null where nothing was dropped
 * @param previous states h' before each step (rows,H)
 * @param kept of each step, see {@link RecurrentCell.Step}
 */
record LayerSteps(INDArray u, INDArray mask, INDArray previous, INDArray kept) {}
