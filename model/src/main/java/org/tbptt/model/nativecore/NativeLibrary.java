package org.tbptt.model.nativecore;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import org.apache.commons.codec.digest.DigestUtils;
import org.bytedeco.javacpp.Loader;

/** The native core's library, if it is available, and its version. */
public final class NativeLibrary {

  /** Of the C interface that {@link NativeBinding} was written for. */
  private static final int ABI_VERSION = 5;

  private static final Optional<String> PROBLEM = load();

  private NativeLibrary() {}

  /** Why the native core cannot be used on this machine; empty if it can. */
  public static Optional<String> problem() {
    return PROBLEM;
  }

  /**
   * The instruction set that cores will use: the one that the environment variable TBPTT_ISA names,
   * otherwise the best of this CPU.
   *
   * @throws UnsupportedOperationException if the library is not available, or TBPTT_ISA names one
   *     that this CPU does not have
   */
  public static String instructionSet() {
    require();
    return NativeBinding.isaName(NativeBinding.chooseIsa());
  }

  /**
   * The library's version.
   *
   * @throws UnsupportedOperationException if it is not available
   */
  public static String version() {
    require();
    return NativeBinding.version();
  }

  /**
   * Checks that the library is available.
   *
   * @throws UnsupportedOperationException with the reason if it is not
   */
  static void require() {
    PROBLEM.ifPresent(
        problem -> {
          throw new UnsupportedOperationException(problem);
        });
  }

  private static Optional<String> load() {
    String resource = "native/" + Loader.getPlatform() + "/" + System.mapLibraryName("tbptt");
    URL packaged = NativeLibrary.class.getResource(resource);
    if (packaged == null) {
      return Optional.of(
          "the native core was not built for "
              + Loader.getPlatform()
              + "; mvn -B -DskipTests package builds it if cmake, make and g++ 12 or later are installed");
    }
    try {
      System.load(unpack(packaged).toAbsolutePath().toString());
    } catch (IOException | LinkageError unusable) {
      return Optional.of("the native core cannot be loaded: " + unusable.getMessage());
    }
    int found = NativeBinding.abiVersion();
    return found == ABI_VERSION
        ? Optional.empty()
        : Optional.of(
            "the native core has interface version " + found + ", needed is " + ABI_VERSION);
  }

  /**
   * A file with a resource's contents, in JavaCPP's cache. Its path has a hash of them: processes
   * of several builds share the cache, and JavaCPP tells their files apart by size and time alone,
   * which are the same in builds that differ.
   */
  static Path unpack(URL resource) throws IOException {
    byte[] contents = contents(resource);
    Path folder =
        Loader.getCacheDir().toPath().resolve("tbptt").resolve(DigestUtils.sha256Hex(contents));
    Path file = folder.resolve(Path.of(resource.getPath()).getFileName());
    if (!Files.exists(file) || !Arrays.equals(Files.readAllBytes(file), contents)) {
      Files.createDirectories(folder);
      Path temporary = folder.resolve(UUID.randomUUID().toString());
      Files.write(temporary, contents);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE); // whoever loads one has a whole
    }
    return file;
  }

  private static byte[] contents(URL resource) throws IOException {
    try (InputStream stream = resource.openStream()) {
      return stream.readAllBytes();
    }
  }
}
