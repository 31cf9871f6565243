package org.tbptt.bench.pytorch;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The language model and one training step of it, in the operators of torch.nn: Embedding, RNN
 * (tanh), LSTM or GRU, Linear, cross_entropy, dropout before and after each recurrent layer.
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
  private final Tensor cellState;

  LanguageModel(Sizes sizes, int steps, boolean bf16) {
    this.sizes = sizes;
    this.steps = steps;
    this.bf16 = bf16;
    int hidden = sizes.hidden();
    this.embedding = uniform(sizes.vocabulary(), sizes.vocabulary(), sizes.embedding());
    List<Tensor> layers = new ArrayList<>();
    for (int layer = 0; layer < sizes.layers(); layer++) {
      int inputs = layer == 0 ? sizes.embedding() : hidden;
      int rows = sizes.gates() * hidden;
      layers.add(uniform(inputs + hidden, rows, inputs));
      layers.add(uniform(inputs + hidden, rows, hidden));
      layers.add(torch.zeros(rows).requires_grad_());
      layers.add(torch.zeros(rows).requires_grad_());
    }
    this.recurrent = new TensorVector(layers.toArray(Tensor[]::new));
    this.softmax = uniform(hidden, sizes.vocabulary(), hidden);
    this.softmaxBias = torch.zeros(sizes.vocabulary()).requires_grad_();
    List<Tensor> parameters = new ArrayList<>(layers);
    parameters.addAll(List.of(embedding, softmax, softmaxBias));
    this.adam = new FusedAdam(parameters, LEARNING_RATE);
    this.state = torch.zeros(sizes.layers(), sizes.batch(), hidden);
    this.cellState = torch.zeros(sizes.layers(), sizes.batch(), hidden);
  }

  private static Tensor uniform(int fanIn, int rows, int columns) {
    double limit = Math.sqrt(3.0 / fanIn);
    return torch.rand(rows, columns).sub_(scalar(0.5)).mul_(scalar(2 * limit)).requires_grad_();
  }

  private static Scalar scalar(double value) {
    return new Scalar(value);
  }

  /** One window: forward, backward, Adam, and the state carried on; of tanh the dropped-out one. */
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
    Tensor y = torch.dropout(recurrent(x, drop), drop, true);
    if (sizes.cell().equals("tanh")) {
      state.copy_(y.detach().select(0, steps - 1).unsqueeze(0));
    }
    Tensor logits =
        torch.linear(y.view(-1, sizes.hidden()), softmax, new TensorOptional(softmaxBias));
    return torch.cross_entropy_loss(logits, targets);
  }

  /** The last layer's outputs (T,B,H). */
  private Tensor recurrent(Tensor x, double drop) {
    int layers = sizes.layers();
    if (sizes.cell().equals("lstm")) {
      TensorVector states = new TensorVector(state.clone(), cellState.clone());
      T_TensorTensorTensor_T of =
          torch.lstm(x, states, recurrent, true, layers, drop, true, false, false);
      state.copy_(of.get1().detach());
      cellState.copy_(of.get2().detach());
      return of.get0();
    }
    if (sizes.cell().equals("gru")) {
      T_TensorTensor_T of =
          torch.gru(x, state.clone(), recurrent, true, layers, drop, true, false, false);
      state.copy_(of.get1().detach());
      return of.get0();
    }
    return torch
        .rnn_tanh(x, state.clone(), recurrent, true, layers, drop, true, false, false)
        .get0();
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
