package org.tbptt.sweep.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.io.compress.BZip2Codec;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.corpus.CorpusException;
import org.tbptt.model.corpus.PtbSource;
import org.tbptt.model.corpus.TextSource;
import org.tbptt.sweep.OddFileSystem;

class HadoopTextFilesTest {

  private static final String TEXT = "a dog saw a cat\nthe cat saw a dog\n".repeat(1000);

  /** A file system that is not the local one: elsewhere:/path. */
  public static final class ElsewhereFileSystem extends OddFileSystem {}

  @TempDir private Path folder;
  private final SparkConf spark = new SparkConf(false);

  HadoopTextFilesTest() {
    OddFileSystem.settings(ElsewhereFileSystem.class)
        .forEach((key, value) -> spark.set("spark.hadoop." + key, value));
  }

  @Test
  void aPathWithoutASchemeIsLocalWhateverTheDefaultFileSystemIs() throws IOException {
    spark.set("spark.hadoop.fs.defaultFS", "hdfs://nowhere.invalid:8020");

    assertThat(load(write("train.txt", TEXT)).id())
        .isEqualTo(load("file:" + folder + "/train.txt").id());
  }

  @ParameterizedTest
  @ValueSource(strings = {"file:", "file://", "elsewhere:", "elsewhere://"})
  void aUriNamesItsFileSystem(String scheme) throws IOException {
    String local = write("a [b] 100% #1.txt", TEXT);

    assertThat(load(scheme + local).id()).isEqualTo(load(local).id());
  }

  @Test
  void aNameWithAColonIsLocal() throws IOException {
    assertThat(load(write("a:b.txt", TEXT)).train().tokens()).isEqualTo(12_000);
  }

  @Test
  void aFolderOfPennTreebankMayBeAnywhere() throws IOException {
    for (String split : new String[] {"train", "valid", "test"}) {
      write("ptb." + split + ".txt", TEXT);
    }
    Corpus local = new PtbSource("" + folder).load(files());

    assertThat(new PtbSource("elsewhere:" + folder + "/").load(files()).id()).isEqualTo(local.id());
    assertThatThrownBy(() -> new PtbSource("elsewhere:/nowhere").load(files()))
        .isInstanceOf(CorpusException.class)
        .hasMessageStartingWith(
            "elsewhere:/nowhere/ptb.train.txt: there is no such file; ptb.train.txt, ptb.valid.txt");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gz", "bz2", "zst"})
  void aSuffixSaysThatATextIsCompressed(String suffix) throws IOException {
    String plain = write("train.txt", TEXT);
    byte[] compressed = compress(suffix, TEXT.getBytes(UTF_8));
    String packed = write("train.txt." + suffix, compressed);

    assertThat(compressed.length).isLessThan(TEXT.length() / 10);
    assertThat(load(packed).id()).isEqualTo(load(plain).id());
    assertThat(load("elsewhere:" + packed).id()).isEqualTo(load(plain).id());
  }

  /** As parallel compressors and {@code cat a.gz b.gz} write them. */
  @ParameterizedTest
  @ValueSource(strings = {"gz", "bz2", "zst"})
  void compressedPartsOneAfterTheOtherAreOneText(String suffix) throws IOException {
    ByteArrayOutputStream parts = new ByteArrayOutputStream();
    parts.write(compress(suffix, "a b\n".getBytes(UTF_8)));
    parts.write(compress(suffix, "c d e\n".getBytes(UTF_8)));

    assertThat(load(write("train." + suffix, parts.toByteArray())).train().tokens()).isEqualTo(7);
  }

  @ParameterizedTest
  @CsvSource({
    "gz, not a gzip file",
    "bz2, Stream is not in the BZip2 format",
    "zst, Unknown frame descriptor"
  })
  void whatIsNotCompressedAsItsSuffixSaysIsNamed(String suffix, String reason) throws IOException {
    String file = write("train.txt." + suffix, TEXT);

    assertRefused(file, file + ": cannot be read: ", reason);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gz", "bz2", "zst"})
  void aCompressedTextThatIsCutOffIsNamed(String suffix) throws IOException {
    byte[] whole = compress(suffix, TEXT.getBytes(UTF_8));
    String file = write("train.txt." + suffix, Arrays.copyOf(whole, whole.length / 2));

    assertRefused(file, file + ": cannot be read: ", "");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gz", "bz2", "zst"})
  void aCompressedTextThatIsGarbledIsNamed(String suffix) throws IOException {
    byte[] bytes = compress(suffix, TEXT.getBytes(UTF_8));
    for (int at = bytes.length / 3; at < bytes.length; at += 7) {
      bytes[at] ^= 0x55;
    }
    String file = write("train.txt." + suffix, bytes);

    assertRefused(file, file + ": ", "");
  }

  @Test
  void aByteThatIsNotUtf8IsNamedByItsPlaceInTheText() throws IOException {
    String file = write("train.gz", compress("gz", new byte[] {'a', '\n', 'b', (byte) 0xC0}));

    assertRefused(file, file + ": is not valid UTF-8: byte 0xC0 at offset 3, in line 2", "");
  }

  @ParameterizedTest
  @CsvSource({
    "elsewhere:/nowhere.txt, there is no such file",
    "file:/nowhere.txt, there is no such file",
    "nowhere.txt, there is no such file",
    "elsewhere:/, 'is a directory, not a text file'",
    "file:///, 'is a directory, not a text file'",
    "/, 'is a directory, not a text file'",
    "/dev/null, is not a regular file; it must be readable twice",
    "hdfs://no.such.host.invalid/train.txt,"
        + " 'cannot be read: java.net.UnknownHostException: no.such.host.invalid'",
    "nosuch://host/train.txt, 'cannot be read: No FileSystem for scheme \"nosuch\"'",
    "s3a://bucket/train.txt, 'cannot be read: Class org.apache.hadoop.fs.s3a.S3AFileSystem not found,"
        + " which this Spark does not have; --packages before the command brings the connector of a"
        + " file system'"
  })
  void whatCannotBeReadIsNamed(String name, String reason) {
    assumeTrue(!name.startsWith("/dev") || Files.exists(Path.of(name)));

    assertRefused(name, name + ": " + reason, "");
  }

  /** Programs that are not Hadoop's leave its checksum files as they were. */
  @Test
  void checksumFilesAreNotLookedAt() throws IOException {
    String file = write("train.txt", TEXT);
    write(".train.txt.crc", "not its checksum");

    assertThat(load("file:" + file).train().tokens()).isEqualTo(12_000);
  }

  /** In cluster mode the driver has no other files of the machine that submitted it. */
  @Test
  void aFileThatWasSentWithTheProgramGoesByItsName() throws IOException {
    String sent = write("sent with it.txt", TEXT);
    spark.set("spark.files", "hdfs://host/other.txt," + Path.of(sent).toUri());

    assertThat(load("sent with it.txt").id()).isEqualTo(load(sent).id());
    assertRefused("other one.txt", "other one.txt: there is no such file", "");
  }

  @Test
  void aConfFileMayBeAnywhereAndIncludeWhatIsBesideIt() throws IOException {
    write("base.conf", "sweep.name = included");
    write("a.conf", "include \"base.conf\"\ninclude \"none.conf\"\nsweep.grid.seed = 7");

    ConfSource conf = ConfSource.file("elsewhere:" + folder + "/a.conf", files());

    assertThat(conf.config().getString("sweep.name")).isEqualTo("included");
    assertThat(conf.config().getInt("sweep.grid.seed")).isEqualTo(7);
  }

  @ParameterizedTest
  @CsvSource({
    "elsewhere:%s/none.conf, conf file elsewhere:%s/none.conf: there is no such file",
    "elsewhere:%s, 'conf file elsewhere:%s: is a directory, not a text file'",
    "file:%s, conf file %s: is a folder",
    "elsewhere:%s/bad.conf, 'not valid HOCON: %s (elsewhere:%s/bad.conf line 2)'",
    "elsewhere:%s/asking.conf, conf file elsewhere:%s/missing.conf: there is no such file",
    "s3a://bucket/a.conf, 'conf file s3a://bucket/a.conf: cannot be read: Class"
        + " org.apache.hadoop.fs.s3a.S3AFileSystem not found, which this Spark does not have;"
        + " --packages before the command brings the connector of a file system'"
  })
  void aConfFileThatCannotBeReadIsNamed(String name, String message) throws IOException {
    write("bad.conf", "sweep.name = a\n}");
    write("asking.conf", "include required(\"missing.conf\")");

    assertThatThrownBy(() -> ConfSource.file(name.replace("%s", "" + folder), files()))
        .isInstanceOf(InvalidConfException.class)
        .message()
        .matches(
            actual ->
                message.startsWith("not valid HOCON")
                    ? actual.startsWith("not valid HOCON: ")
                        && actual.endsWith(" (elsewhere:" + folder + "/bad.conf line 2)")
                    : actual.equals(message.replace("%s", "" + folder)),
            message);
  }

  private HadoopTextFiles files() {
    return new HadoopTextFiles(spark);
  }

  private Corpus load(String name) {
    return new TextSource(name, name, name, TextSource.Unit.WORD, 0).load(files());
  }

  private void assertRefused(String name, String start, String part) {
    assertThatThrownBy(() -> load(name))
        .isInstanceOf(CorpusException.class)
        .hasMessageStartingWith(start)
        .hasMessageContaining(part)
        .message()
        .doesNotContain("\n", ": null");
  }

  private String write(String name, String text) throws IOException {
    return write(name, text.getBytes(UTF_8));
  }

  private String write(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes).toString();
  }

  private static byte[] compress(String suffix, byte[] text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BZip2Codec bzip2 = new BZip2Codec();
    bzip2.setConf(new Configuration(false));
    try (OutputStream out =
        switch (suffix) {
          case "gz" -> new GZIPOutputStream(bytes);
          case "bz2" -> bzip2.createOutputStream(bytes);
          default -> new ZstdOutputStream(bytes);
        }) {
      out.write(text);
    }
    return bytes.toByteArray();
  }
}
