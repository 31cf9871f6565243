package org.tbptt.sweep.config;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.apache.hadoop.security.AccessControlException;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.tbptt.model.corpus.CorpusException;
import org.tbptt.model.corpus.TextFiles;

/**
 * Texts of any file system that Hadoop knows, by their URIs. A path without a scheme is a local
 * one, as spark-submit has it; a relative one that is not there may be the name of a file that
 * --files has brought. What a suffix says to be compressed is read decompressed.
 */
final class HadoopTextFiles implements TextFiles {

  private static final Pattern URI_WITH_SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:/.*");
  private static final String LOCAL = "file";

  private final Configuration hadoop;
  private final Map<String, Path> sent = new TreeMap<>(); // by name

  /**
   * @param spark its settings of Hadoop and of --files
   */
  HadoopTextFiles(SparkConf spark) {
    hadoop = SparkHadoopUtil.get().newConfiguration(spark);
    for (String file : spark.get("spark.files", "").split(",", -1)) {
      if (!file.isBlank()) {
        Path path = new Path(URI.create(file));
        sent.put(path.getName(), path);
      }
    }
  }

  /** With the settings that spark-submit has given to this process. */
  static HadoopTextFiles ofThisProcess() {
    return new HadoopTextFiles(new SparkConf());
  }

  @Override
  public InputStream open(String name) throws IOException {
    Path path = path(name);
    InputStream in = isLocal(path) ? openLocal(name, local(path)) : openRemote(name, path);
    try {
      return decompressed(path, in);
    } catch (IOException | RuntimeException | LinkageError failure) {
      in.close();
      throw new IOException(reason(failure), failure);
    }
  }

  /** The local file of that name; empty if the name is one of another file system. */
  Optional<java.nio.file.Path> local(String name) {
    return Optional.of(path(name)).filter(HadoopTextFiles::isLocal).map(HadoopTextFiles::local);
  }

  private Path path(String name) {
    if (URI_WITH_SCHEME.matcher(name).matches()) {
      return new Path(name);
    }
    java.nio.file.Path local = java.nio.file.Path.of(name);
    return Files.notExists(local) && sent.containsKey(name)
        ? sent.get(name)
        : new Path(local.toUri());
  }

  private static boolean isLocal(Path path) {
    String scheme = path.toUri().getScheme();
    return scheme == null || scheme.equals(LOCAL);
  }

  private static java.nio.file.Path local(Path path) {
    return java.nio.file.Path.of(path.toUri().getPath());
  }

  /** Without Hadoop, whose checksum files beside a text may be of an older one. */
  private static InputStream openLocal(String name, java.nio.file.Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw directory(name);
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new CorpusException(name + ": is not a regular file; it must be readable twice");
    }
    return Files.newInputStream(file);
  }

  private InputStream openRemote(String name, Path path) throws IOException {
    try {
      FileSystem files = KnownFileSystem.of(path, hadoop);
      if (files.getFileStatus(path).isDirectory()) {
        throw directory(name);
      }
      return files.open(path);
    } catch (AccessControlException denied) {
      throw (IOException) new AccessDeniedException(name).initCause(denied);
    } catch (IllegalArgumentException unknown) { // a host, or a part of the URI
      throw new IOException(unknown.getMessage(), unknown);
    }
  }

  private static CorpusException directory(String name) {
    return new CorpusException(name + ": is a directory, not a text file");
  }

  private InputStream decompressed(Path path, InputStream in) throws IOException {
    if (path.getName().endsWith(".zst")) {
      return new ZstdInputStream(in); // Hadoop's codec needs Hadoop's native library
    }
    if (path.getName().endsWith(".bz2")) { // Hadoop's codec passes over what is not bzip2
      return new BZip2CompressorInputStream(new BufferedInputStream(in), true);
    }
    CompressionCodec codec = new CompressionCodecFactory(hadoop).getCodec(path);
    return codec == null ? in : codec.createInputStream(in);
  }

  private static String reason(Throwable failure) {
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }
}
