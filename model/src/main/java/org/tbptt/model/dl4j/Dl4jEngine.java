package org.tbptt.model.dl4j;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.core.Carry;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.Engine;
import org.tbptt.model.core.Normalisation;
import org.tbptt.model.core.Optimizer;
import org.tbptt.model.core.Parameter;
import org.tbptt.model.core.Precision;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.core.RnnShape;
import org.tbptt.model.core.UpdateRule;
import org.tbptt.model.handover.Dl4jNetwork;
import org.tbptt.model.reference.Nd4jEngine;
import org.tbptt.model.setting.InvalidSettingException;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.Truncation;

/** DL4J's own training, for comparison: TensorFlow-style truncation with Adam or SGD. */
public final class Dl4jEngine implements Engine {

  @Override
  public String name() {
    return "dl4j";
  }

  @Override
  public Optional<String> unavailable() {
    return Optional.empty();
  }

  @Override
  public Set<Precision> precisions() {
    return EnumSet.of(Precision.FP32);
  }

  @Override
  public void check(
      Truncation truncation,
      RnnModel model,
      UpdateRule update,
      Normalisation normalisation,
      int measuredWindows) {
    if (!(truncation instanceof TensorFlowStyle)) {
      throw refused("style", truncation.style(), "tf");
    }
    Optimizer optimizer = update.optimizer();
    if (optimizer != Optimizer.ADAM && optimizer != Optimizer.SGD) {
      throw refused("optimizer", optimizer.name().toLowerCase(Locale.ROOT), "adam or sgd");
    }
    if (update.clipNorm() != 0) {
      throw refused("clip-norm", update.clipNorm(), "0");
    }
    if (update.every() != 0 && update.every() != truncation.seqLen()) {
      throw refused("update-every", update.every(), "0");
    }
    if (model.carry() == Carry.POST_DROPOUT && model.keepProb() < 1) {
      throw refused("carry", "post-dropout", "state");
    }
    if (!Dl4jNetwork.has(model)) {
      throw refused(
          "cell", model.cell().name().toLowerCase(Locale.ROOT), "tanh, relu, identity or lstm");
    }
    if (normalisation == Normalisation.BATCH) {
      throw refused("normalisation", "batch", "mean or r2rt");
    }
    if (measuredWindows > 0) {
      throw refused("diagnostics.windows", measuredWindows, "0");
    }
  }

  private static InvalidSettingException refused(String setting, Object value, String allowed) {
    return new InvalidSettingException(
        setting, value, "must be " + allowed + " for training.engine = dl4j");
  }

  /** DL4J uses ND4J's operations, so it needs about the same memory. */
  @Override
  public long offHeapBytes(CoreConfig config) {
    RnnShape shape = config.shape();
    long softmax = 2L * Float.BYTES * shape.tokens() * shape.vocabulary(); // not in place
    return new Nd4jEngine().offHeapBytes(config) + softmax;
  }

  @Override
  public RnnCore open(CoreConfig config, Map<Parameter, INDArray> parameters, int threads) {
    return new Dl4jCore(config, parameters);
  }
}
