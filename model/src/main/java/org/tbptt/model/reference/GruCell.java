package org.tbptt.model.reference;

import static org.tbptt.model.reference.RecurrentCell.logistic;
import static org.tbptt.model.reference.RecurrentCell.part;
import static org.tbptt.model.reference.RecurrentCell.tanh;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * n = tanh(u W_n + b_n + r q) with q = h' U_n + b_hn, h = (1 - z) n + z h'. Keeps (r, z, n, q).
 * Errors on activations have the parts r, z, n and q.
 */
record GruCell() implements RecurrentCell {

  @Override
  public Step forward(
      INDArray fromInput, INDArray fromState, INDArray previousH, INDArray previousC) {
    long hidden = previousH.columns();
    INDArray r = logistic(part(fromInput, 0, hidden).add(part(fromState, 0, hidden)));
    INDArray z = logistic(part(fromInput, 1, hidden).add(part(fromState, 1, hidden)));
    INDArray q = part(fromState, 2, hidden);
    INDArray n = tanh(part(fromInput, 2, hidden).add(r.mul(q)));
    INDArray h = z.rsub(1).muli(n).addi(z.mul(previousH));
    return new Step(h, null, Nd4j.hstack(r, z, n, q));
  }

  @Override
  public StepErrors back(INDArray previousH, INDArray kept, INDArray dh, INDArray dc) {
    long hidden = previousH.columns();
    INDArray r = part(kept, 0, hidden);
    INDArray z = part(kept, 1, hidden);
    INDArray n = part(kept, 2, hidden);
    INDArray q = part(kept, 3, hidden);

    INDArray toN = dh.mul(z.rsub(1)).muli(n.mul(n).rsubi(1));
    INDArray activations =
        Nd4j.hstack(
            toN.mul(q).muli(r).muli(r.rsub(1)),
            dh.mul(previousH.sub(n)).muli(z).muli(z.rsub(1)),
            toN,
            toN.mul(r));
    return new StepErrors(activations, dh.mul(z), null);
  }

  @Override
  public INDArray toInput(INDArray activations) {
    long hidden = activations.columns() / 4;
    return Nd4j.hstack(
        part(activations, 0, hidden), part(activations, 1, hidden), part(activations, 2, hidden));
  }

  @Override
  public INDArray toState(INDArray activations) {
    long hidden = activations.columns() / 4;
    return Nd4j.hstack(
        part(activations, 0, hidden), part(activations, 1, hidden), part(activations, 3, hidden));
  }
}
