package org.tbptt.model.train;

import static java.util.Objects.requireNonNull;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import com.google.gson.TypeAdapter;
import com.google.gson.reflect.TypeToken;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.core.CoreState;
import org.tbptt.model.diagnostics.Diagnosis;
import org.tbptt.model.tensors.TensorFile;
import org.tbptt.model.tensors.TensorFormatException;

/**
 * Everything that a trial needs to resume as if it had never stopped. It is valid for one engine
 * and instruction set; others would give different bits.
 *
 * @param trialId of the trial
 * @param engine that computed it
 * @param instructionSet that the engine used
 * @param startedAt when the trial's training began
 * @param epochs the completed epochs
 * @param diagnoses what was measured before the first epoch and after each; empty if nothing was
 * @param running the sums of the running epoch
 * @param epochStart the parameters at that epoch's start by name; empty if no window of it is done
 * @param core the engine's state
 */
public record Checkpoint(
    String trialId,
    String engine,
    String instructionSet,
    Instant startedAt,
    List<EpochMetrics> epochs,
    List<Diagnosis> diagnoses,
    EpochSums running,
    Map<String, INDArray> epochStart,
    CoreState core)
    implements AutoCloseable {

  private static final String FORMAT = "tbptt-checkpoint 1";
  private static final String EPOCH_START = "epoch_start.";
  private static final Gson JSON =
      new GsonBuilder()
          .registerTypeAdapter(double.class, new AnyDouble())
          .registerTypeAdapter(Double.class, new AnyDouble())
          .create();

  public Checkpoint {
    requireNonNull(trialId, "trialId");
    requireNonNull(engine, "engine");
    requireNonNull(instructionSet, "instructionSet");
    requireNonNull(startedAt, "startedAt");
    requireNonNull(running, "running");
    requireNonNull(core, "core");
    epochs = List.copyOf(epochs);
    diagnoses = List.copyOf(diagnoses);
    epochStart = Map.copyOf(epochStart);
  }

  /** The position, ordered: epoch, then windows in it. */
  public String position() {
    return String.format(Locale.ROOT, "e%06d-w%09d", running.epoch(), running.windows());
  }

  /** Its matrices under their own names, everything else as metadata; shares the matrices. */
  public TensorFile toFile() {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", FORMAT);
    metadata.put("trial_id", trialId);
    metadata.put("engine", engine);
    metadata.put("isa", instructionSet);
    metadata.put("started_at", startedAt.toString());
    metadata.put("epochs", json(epochs));
    metadata.put("diagnoses", json(diagnoses));
    metadata.put("running", json(running));
    metadata.put("counters", json(core.counters()));
    Map<String, INDArray> matrices = new LinkedHashMap<>(core.matrices());
    epochStart.forEach((name, matrix) -> matrices.put(EPOCH_START + name, matrix));
    return new TensorFile(metadata, matrices);
  }

  /**
   * Reads the result of {@link #toFile}; shares the matrices.
   *
   * @throws TensorFormatException if the file is something else; it is closed then
   */
  public static Checkpoint of(TensorFile file) throws TensorFormatException {
    try {
      return read(file);
    } catch (TensorFormatException unusable) {
      file.close();
      throw unusable;
    } catch (DateTimeException | IllegalArgumentException | JsonParseException unusable) {
      file.close();
      throw new TensorFormatException("its metadata is not that of a checkpoint", unusable);
    }
  }

  private static Checkpoint read(TensorFile file) throws TensorFormatException {
    Map<String, String> metadata = file.metadata();
    String format = metadata.get("format");
    if (!FORMAT.equals(format)) {
      throw new TensorFormatException("format = " + format + ": must be " + FORMAT);
    }
    Map<String, INDArray> matrices = new LinkedHashMap<>();
    Map<String, INDArray> epochStart = new LinkedHashMap<>();
    file.matrices()
        .forEach(
            (name, matrix) -> {
              if (name.startsWith(EPOCH_START)) {
                epochStart.put(name.substring(EPOCH_START.length()), matrix);
              } else {
                matrices.put(name, matrix);
              }
            });
    return new Checkpoint(
        text(metadata, "trial_id"),
        text(metadata, "engine"),
        text(metadata, "isa"),
        Instant.parse(text(metadata, "started_at")),
        value(metadata, "epochs", new TypeToken<List<EpochMetrics>>() {}),
        value(metadata, "diagnoses", new TypeToken<List<Diagnosis>>() {}),
        value(metadata, "running", new TypeToken<EpochSums>() {}),
        epochStart,
        new CoreState(
            matrices, value(metadata, "counters", new TypeToken<Map<String, Long>>() {})));
  }

  private static <T> T value(Map<String, String> metadata, String name, TypeToken<T> type)
      throws TensorFormatException {
    return told(name, JSON.fromJson(text(metadata, name), type));
  }

  private static String text(Map<String, String> metadata, String name)
      throws TensorFormatException {
    return told(name, metadata.get(name));
  }

  private static <T> T told(String name, T value) throws TensorFormatException {
    if (value == null) {
      throw new TensorFormatException("it has no " + name);
    }
    return value;
  }

  @Override
  public void close() {
    core.close();
    epochStart.values().forEach(INDArray::close);
  }

  private static String json(Object value) {
    return JSON.toJson(value);
  }

  /** JSON has no numbers that are not finite: they are strings. */
  private static final class AnyDouble extends TypeAdapter<Double> {
    @Override
    public void write(JsonWriter out, Double value) throws IOException {
      if (Double.isFinite(value)) {
        out.value(value);
      } else {
        out.value(value.toString());
      }
    }

    @Override
    public Double read(JsonReader in) throws IOException {
      return Double.valueOf(in.nextString());
    }
  }
}
