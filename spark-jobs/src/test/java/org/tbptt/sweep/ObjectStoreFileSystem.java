package org.tbptt.sweep;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.fs.Abortable;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.Progressable;

/**
 * A local folder that behaves as s3a of Hadoop 3.3.4 with its default settings: an object is there,
 * whole, when its stream is closed, and none can be renamed. Remembers the requests that s3a would
 * send.
 */
public final class ObjectStoreFileSystem extends OddFileSystem {

  private static final Queue<Request> REQUESTS = new ConcurrentLinkedQueue<>();

  /** A kind of request; DELETE takes away one object or many. */
  public enum Kind {
    HEAD,
    LIST,
    GET,
    PUT,
    DELETE
  }

  /** What an object store was asked for. */
  public record Request(Kind kind, Path path) {}

  /** The requests of all such file systems in this process since they were forgotten. */
  public static List<Request> requests() {
    return List.copyOf(REQUESTS);
  }

  public static void forgetRequests() {
    REQUESTS.clear();
  }

  @Override
  public boolean hasPathCapability(Path path, String capability) throws IOException {
    return capability.equals(CommonPathCapabilities.ABORTABLE_STREAM)
        || super.hasPathCapability(path, capability);
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    send(Kind.HEAD, path);
    if (!pathToFile(path).isFile()) {
      send(Kind.LIST, path);
    }
    return status(path);
  }

  @Override
  public boolean exists(Path path) throws IOException {
    try {
      return getFileStatus(path) != null;
    } catch (FileNotFoundException missing) {
      return false;
    }
  }

  @Override
  public FileStatus[] listStatus(Path folder) throws IOException {
    send(Kind.LIST, folder);
    File[] files = pathToFile(folder).listFiles();
    if (files == null || files.length == 0) {
      FileStatus status = getFileStatus(folder);
      return status.isFile() ? new FileStatus[] {status} : new FileStatus[0];
    }
    List<FileStatus> listed = new ArrayList<>();
    for (File file : files) {
      try {
        listed.add(status(new Path(folder, file.getName())));
      } catch (FileNotFoundException gone) {
        // An answer has what there is at one moment.
      }
    }
    return listed.toArray(FileStatus[]::new);
  }

  @Override
  public FSDataInputStream open(Path file, int bufferSize) throws IOException {
    send(Kind.HEAD, file);
    if (!status(file).isFile()) {
      throw new FileNotFoundException(file + " is a folder");
    }
    return new FSDataInputStream(
        new ObjectInput(file, Files.readAllBytes(pathToFile(file).toPath())));
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
    if (!overwrite) {
      send(Kind.HEAD, file);
    }
    send(Kind.LIST, file);
    return new FSDataOutputStream(new ObjectOutput(file), statistics);
  }

  @Override
  public boolean delete(Path path, boolean recursive) throws IOException {
    FileStatus status;
    try {
      status = getFileStatus(path);
    } catch (FileNotFoundException missing) {
      return false;
    }
    if (status.isDirectory()) {
      send(Kind.LIST, path);
      if (!recursive) {
        throw new IOException(path + " is a folder");
      }
    }
    send(Kind.DELETE, path);
    FileUtils.forceDelete(pathToFile(path));
    Path folder = path.getParent();
    send(Kind.LIST, folder);
    if (pathToFile(folder).list().length == 0) {
      send(Kind.PUT, folder); // an object that stands for the folder
    }
    return true;
  }

  @Override
  public boolean rename(Path from, Path to) {
    throw new UnsupportedOperationException(from + " would be copied and deleted");
  }

  private FileStatus status(Path path) throws FileNotFoundException {
    File file = pathToFile(path);
    boolean folder = file.isDirectory();
    if (!folder && !file.exists()) {
      throw new FileNotFoundException(path + " does not exist");
    }
    return new FileStatus(
        folder ? 0 : file.length(),
        folder,
        1,
        getDefaultBlockSize(path),
        file.lastModified(),
        makeQualified(path));
  }

  private static void send(Kind kind, Path path) {
    REQUESTS.add(new Request(kind, path));
  }

  /** Asks for the object when it is first read, and again when it is read backwards. */
  private static final class ObjectInput extends FSInputStream {

    private final Path file;
    private final byte[] bytes;
    private int position;
    private int asked = -1; // up to where the last answer was read

    ObjectInput(Path file, byte[] bytes) {
      this.file = file;
      this.bytes = bytes;
    }

    @Override
    public int read() {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) {
      if (position == bytes.length) {
        return -1;
      }
      if (asked < 0 || position < asked) {
        send(Kind.GET, file);
      }
      int count = Math.min(length, bytes.length - position);
      System.arraycopy(bytes, position, to, offset, count);
      position += count;
      asked = position;
      return count;
    }

    @Override
    public void seek(long to) throws IOException {
      if (to < 0 || to > bytes.length) {
        throw new EOFException("position " + to + " of " + bytes.length);
      }
      position = (int) to;
    }

    @Override
    public long getPos() {
      return position;
    }

    @Override
    public boolean seekToNewSource(long position) {
      return false;
    }
  }

  /** Stores an object when it is closed, in place of an old one, unless it was aborted. */
  private final class ObjectOutput extends ByteArrayOutputStream implements Abortable {

    private final Path file;
    private boolean ended;

    ObjectOutput(Path file) {
      this.file = file;
    }

    @Override
    public void close() throws IOException {
      if (ended) {
        return;
      }
      ended = true;
      send(Kind.PUT, file);
      java.nio.file.Path target = pathToFile(file).toPath();
      Files.createDirectories(target.getParent());
      java.nio.file.Path part = Files.createTempFile("object-", ".part");
      Files.write(part, toByteArray());
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
      send(Kind.DELETE, file.getParent()); // objects that stand for its folders
    }

    @Override
    public AbortableResult abort() {
      boolean before = ended;
      ended = true;
      return new AbortableResult() {
        @Override
        public boolean alreadyClosed() {
          return before;
        }

        @Override
        public IOException anyCleanupException() {
          return null;
        }
      };
    }
  }
}
