package org.tbptt.model.engines;

import java.io.File;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.bytedeco.javacpp.Loader;
import org.nd4j.linalg.factory.Nd4j;
import org.tbptt.model.nativecore.NativeLibrary;

/** Loads ND4J and the native core, once in a process. */
public final class EngineLoading {

  /** Started by the first caller, in a thread that nobody can interrupt. */
  private static final class Loading {

    static final CompletableFuture<Void> BEGUN =
        CompletableFuture.runAsync(
            Loading::loadAll, loading -> new Thread(loading, "load-engines").start());

    private static void loadAll() {
      NativeLibrary.problem();
      try {
        Nd4j.getBackend();
      } catch (LinkageError | RuntimeException failed) {
        LinkageError told = new LinkageError(message(failed));
        told.addSuppressed(failed);
        throw told;
      }
    }

    private static String message(Throwable failed) {
      Throwable root = failed;
      while (root.getCause() != null) {
        root = root.getCause();
      }
      return "ND4J's libraries cannot be unpacked and loaded: %s; they need 400 MB%s on a file system without noexec: -Dorg.bytedeco.javacpp.cachedir=FOLDER, in spark.driver.extraJavaOptions or spark.executor.extraJavaOptions, chooses another"
          .formatted(root.getMessage(), unpacked().map(folder -> " in " + folder + ",").orElse(""));
    }

    private static Optional<File> unpacked() {
      try {
        return Optional.of(Loader.getCacheDir());
      } catch (IOException none) {
        return Optional.empty();
      }
    }
  }

  private EngineLoading() {}

  /**
   * Why nothing can be computed on this machine, whatever its settings: ND4J's libraries are those
   * of the machine that built the program. Empty if they fit.
   */
  public static Optional<String> wrongPlatform() {
    return wrongPlatform(Loader.getPlatform());
  }

  static Optional<String> wrongPlatform(String platform) {
    String name = System.mapLibraryName("jniopenblas_nolapack");
    return Loader.class.getResource("/org/bytedeco/openblas/" + platform + "/" + name) != null
        ? Optional.empty()
        : Optional.of(
            "this build has no ND4J for %s: build the program on a machine of that kind"
                .formatted(platform));
  }

  /**
   * Loads what the engines need, in a thread of its own, and waits for it. On an interrupted thread
   * the loaders would fail, and a class whose initialisation failed cannot be used again in the
   * process. The caller's interrupt flag stays set.
   *
   * @throws LinkageError if ND4J cannot be loaded, whenever it is called
   */
  public static void load() {
    try {
      Loading.BEGUN.join();
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof Error error) {
        throw error;
      }
      throw failed;
    }
  }
}
