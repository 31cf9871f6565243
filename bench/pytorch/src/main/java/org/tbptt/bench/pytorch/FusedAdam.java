package org.tbptt.bench.pytorch;

import java.util.List;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch;

/**
 * What {@code torch.optim.Adam(fused=True)} does: one kernel per parameter instead of the seven of
 * the C++ interface's own Adam. Called through the dispatcher, because the operator has no binding.
 */
final class FusedAdam {

  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  private final double learningRate;
  private final List<Tensor> parameters;
  private final List<Tensor> firstMoments;
  private final List<Tensor> secondMoments;
  private final List<Tensor> steps;
  private final OperatorHandle operator =
      Dispatcher.singleton().findSchemaOrThrow("aten::_fused_adam_", "");
  private final Type.TypePtr tensorType =
      operator.schema().arguments().type().get().containedType(0);

  FusedAdam(List<Tensor> parameters, double learningRate) {
    this.learningRate = learningRate;
    this.parameters = parameters;
    this.firstMoments = parameters.stream().map(torch::zeros_like).toList();
    this.secondMoments = parameters.stream().map(torch::zeros_like).toList();
    this.steps = parameters.stream().map(parameter -> torch.zeros(new long[0])).toList();
  }

  /** Moves every parameter by its gradient, which is then dropped. */
  void step() {
    // As torch.optim does, the count goes up before the kernel reads it.
    steps.forEach(step -> step.add_(new Scalar(1.0)));
    IValueVector arguments =
        new IValueVector(
            list(parameters),
            list(parameters.stream().map(Tensor::grad).toList()),
            list(firstMoments),
            list(secondMoments),
            list(List.of()),
            list(steps),
            new IValue(learningRate),
            new IValue(BETA1),
            new IValue(BETA2),
            new IValue(0.0), // weight decay
            new IValue(EPSILON),
            new IValue(false), // amsgrad
            new IValue(false), // maximize
            new IValue(), // gradient scale
            new IValue()); // found infinity
    operator.callBoxed(arguments);
    parameters.forEach(parameter -> parameter.mutable_grad().reset());
  }

  private IValue list(List<Tensor> tensors) {
    GenericList list = new GenericList(tensorType);
    tensors.forEach(tensor -> list.push_back(new IValue(tensor)));
    return new IValue(list);
  }
}
