package org.tbptt.model.engines;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.nd4j.linalg.factory.Nd4j;
import org.tbptt.model.nativecore.NativeLibrary;

/** Loads ND4J and the native core, once in a process. */
public final class EngineLoading {

  /** Begun by whoever asks first, in a thread that nobody else knows of. */
  private static final class Loading {

    static final CompletableFuture<Void> BEGUN =
        CompletableFuture.runAsync(
            Loading::loadAll, loading -> new Thread(loading, "load-engines").start());

    private static void loadAll() {
      NativeLibrary.problem();
      Nd4j.getBackend();
    }
  }

  private EngineLoading() {}

  /**
   * Loads what the engines need. Loaders give up when their thread is interrupted, and a class that
   * could not be made ready stays so for the life of the process: this waits for a thread of its
   * own instead. The caller's interrupt stays set.
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
