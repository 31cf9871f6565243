package org.tbptt.model.reference;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.tbptt.model.core.Cell;

/** h = f(u W_x + b + h' W_h). Keeps h. */
record GatelessCell(Cell f) implements RecurrentCell {

  @Override
  public Step forward(
      INDArray fromInput, INDArray fromState, INDArray previousH, INDArray previousC) {
    INDArray a = fromInput.add(fromState);
    INDArray h =
        switch (f) {
          case TANH -> RecurrentCell.tanh(a);
          case RELU -> Transforms.relu(a, false);
          case IDENTITY -> a;
          case LSTM, GRU -> throw new IllegalArgumentException(f + " has gates");
        };
    return new Step(h, null, h);
  }

  @Override
  public StepErrors back(INDArray previousH, INDArray h, INDArray dh, INDArray dc) {
    return new StepErrors(dh.mul(derivative(h)), null, null);
  }

  /** f' written in terms of h = f(a), in the shape of h. */
  private INDArray derivative(INDArray h) {
    return switch (f) {
      case TANH -> h.mul(h).rsubi(1);
      case RELU -> h.gt(0).castTo(h.dataType());
      case IDENTITY -> Nd4j.onesLike(h);
      case LSTM, GRU -> throw new IllegalArgumentException(f + " has gates");
    };
  }
}
