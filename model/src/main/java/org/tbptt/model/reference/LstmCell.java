package org.tbptt.model.reference;

import static org.tbptt.model.reference.RecurrentCell.logistic;
import static org.tbptt.model.reference.RecurrentCell.part;
import static org.tbptt.model.reference.RecurrentCell.tanh;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** c = f c' + i g, h = o tanh(c), with the gates i, f, g, o. Keeps (c', i, f, g, o, c). */
record LstmCell() implements RecurrentCell {

  @Override
  public Step forward(
      INDArray fromInput, INDArray fromState, INDArray previousH, INDArray previousC) {
    INDArray a = fromInput.add(fromState);
    long hidden = previousH.columns();
    INDArray i = logistic(part(a, 0, hidden));
    INDArray f = logistic(part(a, 1, hidden));
    INDArray g = tanh(part(a, 2, hidden));
    INDArray o = logistic(part(a, 3, hidden));
    INDArray c = f.mul(previousC).addi(i.mul(g));
    return new Step(tanh(c).muli(o), c, Nd4j.hstack(previousC, i, f, g, o, c));
  }

  @Override
  public StepErrors back(INDArray previousH, INDArray kept, INDArray dh, INDArray dc) {
    long hidden = previousH.columns();
    INDArray previousC = part(kept, 0, hidden);
    INDArray i = part(kept, 1, hidden);
    INDArray f = part(kept, 2, hidden);
    INDArray g = part(kept, 3, hidden);
    INDArray o = part(kept, 4, hidden);
    INDArray tanhC = tanh(part(kept, 5, hidden));

    INDArray toC = dh.mul(o).muli(tanhC.mul(tanhC).rsubi(1));
    if (dc != null) {
      toC.addi(dc);
    }
    INDArray activations =
        Nd4j.hstack(
            toC.mul(g).muli(i).muli(i.rsub(1)),
            toC.mul(previousC).muli(f).muli(f.rsub(1)),
            toC.mul(i).muli(g.mul(g).rsubi(1)),
            dh.mul(tanhC).muli(o).muli(o.rsub(1)));
    return new StepErrors(activations, null, toC.muli(f));
  }
}
