package org.tbptt.sweep;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;
import org.apache.hadoop.util.ReflectionUtils;

/** The local file system under a scheme of its own: FullFileSystem is full:/path. */
public abstract class OddFileSystem extends RawLocalFileSystem {

  @Override
  public String getScheme() {
    return scheme(getClass());
  }

  @Override
  public URI getUri() {
    return URI.create(getScheme() + ":///");
  }

  /** A file is about to be made. */
  protected void creating(Path file) {}

  /** A file has been made; what is to be written to. */
  protected FSDataOutputStream created(FSDataOutputStream file) throws IOException {
    return file;
  }

  @Override
  public FSDataOutputStream create(
      Path file,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    creating(file);
    return created(super.create(file, overwrite, bufferSize, replication, blockSize, progress));
  }

  private static String scheme(Class<?> kind) {
    return kind.getSimpleName().replace("FileSystem", "").toLowerCase(Locale.ROOT);
  }

  /** What makes it known to a configuration. */
  public static Map<String, String> settings(Class<? extends OddFileSystem> kind) {
    String scheme = scheme(kind);
    return Map.of(
        "fs." + scheme + ".impl", kind.getName(),
        // Else a test would be given the one of a test before it, with that one's settings.
        "fs." + scheme + ".impl.disable.cache", "true",
        "fs.AbstractFileSystem." + scheme + ".impl", Context.class.getName());
  }

  public static void register(Class<? extends OddFileSystem> kind, Configuration hadoop) {
    settings(kind).forEach(hadoop::set);
  }

  /** What Hadoop's FileContext wants beside a FileSystem. */
  public static final class Context extends DelegateToFileSystem {
    public Context(URI uri, Configuration hadoop) throws IOException, URISyntaxException {
      super(uri, fileSystem(uri, hadoop), hadoop, uri.getScheme(), false);
    }

    private static FileSystem fileSystem(URI uri, Configuration hadoop) throws IOException {
      return ReflectionUtils.newInstance(
          FileSystem.getFileSystemClass(uri.getScheme(), hadoop), hadoop);
    }
  }
}
