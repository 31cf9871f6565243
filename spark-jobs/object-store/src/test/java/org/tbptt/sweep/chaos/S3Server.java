package org.tbptt.sweep.chaos;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** S3Proxy in a process of its own, with objects in memory and one bucket. */
final class S3Server implements AutoCloseable {

  /** Where Maven puts its jars. */
  private static final Path JARS = Path.of("s3proxy", "target", "jars").toAbsolutePath();

  private final Process process;
  private final URI uri;

  /**
   * Starts it and creates the bucket.
   *
   * @param folder for its settings and for what it prints
   */
  S3Server(Path folder, String bucket) throws IOException, InterruptedException {
    this.uri = URI.create("http://127.0.0.1:" + SweepProcess.freePort());
    Path settings =
        Files.writeString(
            folder.resolve("s3proxy.properties"),
            """
            s3proxy.endpoint=%s
            s3proxy.authorization=none
            jclouds.provider=transient
            jclouds.identity=any
            jclouds.credential=any
            """
                .formatted(uri));
    this.process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    JARS + "/*",
                    "org.gaul.s3proxy.Main",
                    "--properties",
                    settings.toString()))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("s3proxy.log").toFile())
            .start();
    HttpRequest create =
        HttpRequest.newBuilder(uri.resolve("/" + bucket)).PUT(BodyPublishers.noBody()).build();
    HttpClient client = HttpClient.newHttpClient();
    boolean created = false;
    while (!created) {
      try {
        created = client.send(create, BodyHandlers.discarding()).statusCode() == 200;
      } catch (ConnectException notYet) {
        if (!process.isAlive()) {
          throw new AssertionError(Files.readString(folder.resolve("s3proxy.log")), notYet);
        }
        Thread.sleep(100);
      }
    }
  }

  URI uri() {
    return uri;
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
