package org.tbptt.model.engines;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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
      Nd4j.getBackend();
    }
  }

  private EngineLoading() {}

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
