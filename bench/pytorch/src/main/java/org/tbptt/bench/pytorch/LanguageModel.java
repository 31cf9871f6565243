package org.tbptt.bench.pytorch;

import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The language model and one training step of it, in the operators of torch.nn: Embedding, RNN
 * (tanh), Linear, cross_entropy, dropout before and after the recurrent layer.
 */
final class LanguageModel {

  private static final double LEARNING_RATE = 0.001;

  private final Sizes sizes;
  private final int steps;
  private final boolean bf16;
  private final Tensor embedding;
  private final TensorVector recurrent;
  private final Tensor softmax;
  private final Tensor softmaxBias;
  private final FusedAdam adam;
  private final Tensor state;

  LanguageModel(Sizes sizes, int steps, boolean bf16) {
    this.sizes = sizes;
    this.steps = steps;
    this.bf16 = bf16;
    int hidden = sizes.hidden();
    this.embedding = uniform(sizes.vocabulary(), sizes.vocabulary(), sizes.embedding());
    Tensor inputWeights = uniform(sizes.embedding() + hidden, hidden, sizes.embedding());
    Tensor stateWeights = uniform(sizes.embedding() + hidden, hidden, hidden);
    Tensor inputBias = torch.zeros(hidden).requires_grad_();
    Tensor stateBias = torch.zeros(hidden).requires_grad_();
    this.recurrent = new TensorVector(inputWeights, stateWeights, inputBias, stateBias);
    this.softmax = uniform(hidden, sizes.vocabulary(), hidden);
    this.softmaxBias = torch.zeros(sizes.vocabulary()).requires_grad_();
    this.adam =
        new FusedAdam(
            List.of(
                embedding, inputWeights, stateWeights, inputBias, stateBias, softmax, softmaxBias),
            LEARNING_RATE);
    this.state = torch.zeros(1, sizes.batch(), hidden);
  }

  private static Tensor uniform(int fanIn, int rows, int columns) {
    double limit = Math.sqrt(3.0 / fanIn);
    return torch.rand(rows, columns).sub_(scalar(0.5)).mul_(scalar(2 * limit)).requires_grad_();
  }

  private static Scalar scalar(double value) {
    return new Scalar(value);
  }

  /** One window: forward, backward, Adam, and the dropped-out state carried on. */
  void train(RandomGenerator random) {
    try (PointerScope freeing = new PointerScope()) {
      int tokens = steps * sizes.batch();
      Tensor inputs = torch.tensor(sizes.tokens(random, tokens)).view(steps, sizes.batch());
      Tensor targets = torch.tensor(sizes.tokens(random, tokens));
      Tensor loss = autocast(() -> loss(inputs, targets));
      loss.backward();
      adam.step();
    }
  }

  private Tensor loss(Tensor inputs, Tensor targets) {
    double drop = 1 - sizes.keep();
    Tensor x = torch.dropout(torch.embedding(embedding, inputs), drop, true);
    T_TensorTensor_T layer =
        torch.rnn_tanh(x, state.clone(), recurrent, true, 1, 0.0, true, false, false);
    Tensor y = torch.dropout(layer.get0(), drop, true);
    state.copy_(y.detach().select(0, steps - 1).unsqueeze(0));
    Tensor logits =
        torch.linear(y.view(-1, sizes.hidden()), softmax, new TensorOptional(softmaxBias));
    return torch.cross_entropy_loss(logits, targets);
  }

  /** Like {@code with torch.autocast("cpu", torch.bfloat16)} around the forward pass. */
  private Tensor autocast(Supplier<Tensor> forward) {
    if (!bf16) {
      return forward.get();
    }
    torch.set_autocast_dtype(DeviceType.CPU, ScalarType.BFloat16);
    torch.set_autocast_enabled(DeviceType.CPU, true);
    try {
      return forward.get();
    } finally {
      torch.set_autocast_enabled(DeviceType.CPU, false);
      torch.clear_cache(); // the weights' bf16 copies
    }
  }
}
