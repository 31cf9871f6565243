package org.tbptt.sweep.cli;

import com.google.gson.JsonParser;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** Headless Chromium with a new profile; nothing is downloaded for it. */
public final class Browser implements AutoCloseable {

  private static final Path SCREENSHOTS = Path.of("target/screenshots");
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final ChromeDriver driver;

  public Browser() throws IOException {
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    logs.enable(LogType.PERFORMANCE, Level.ALL);
    ChromeOptions options = new ChromeOptions();
    options.setBinary(executable("chromium").toFile());
    options.setCapability("goog:loggingPrefs", logs);
    options.addArguments(
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage", // containers may have little of it, and pages' pictures are tall
        "--hide-scrollbars",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--user-data-dir=" + Files.createTempDirectory("tbptt-browser"));
    driver =
        new ChromeDriver(
            new ChromeDriverService.Builder()
                .usingDriverExecutable(executable("chromedriver").toFile())
                .usingAnyFreePort()
                .build(),
            options);
    driver.manage().timeouts().implicitlyWait(PATIENCE); // pages answer to events when they can
  }

  public static boolean isThere() {
    return executable("chromium") != null && executable("chromedriver") != null;
  }

  /**
   * Opens a page.
   *
   * @param width of the window, in pixels
   * @param scheme light or dark
   */
  void open(Path page, int width, String scheme) {
    open(page.toUri().toString(), width, scheme);
  }

  /** Opens a page that is served. */
  public void open(String url, int width, String scheme) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", 1000, "deviceScaleFactor", 1, "mobile", false));
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    load(url);
  }

  /** Opens a page as the one before was opened. */
  void load(String url) {
    ask("document.documentElement.dataset.left = ''");
    driver.get(url);
    // Chromium 150 says now and then that a page has loaded while the one before is still there.
    await(
        Boolean.TRUE::equals,
        "return !('left' in document.documentElement.dataset) && document.readyState == 'complete'");
  }

  /** What a script returns. */
  public Object ask(String script, Object... arguments) {
    return driver.executeScript(script, arguments);
  }

  /**
   * What a script returns as soon as it is as expected: a page is drawn anew after its window
   * changed. If it never is, what it returns in the end.
   */
  public <T> T await(Predicate<T> expected, String script, Object... arguments) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      boolean late = System.nanoTime() > deadline;
      try {
        @SuppressWarnings("unchecked")
        T found = (T) ask(script, arguments);
        if (expected.test(found) || late) {
          return found;
        }
      } catch (WebDriverException betweenPages) {
        if (late) {
          throw betweenPages;
        }
      }
    }
  }

  public ChromeDriver driver() {
    return driver;
  }

  /** What the pages wrote to the console since this was last asked. */
  public List<String> console() {
    return entries(LogType.BROWSER).map(LogEntry::getMessage).toList();
  }

  /**
   * The URLs that pages requested since this was last asked, other than the last page's own. What
   * the browser shows before has requests, too.
   */
  public List<String> requests() {
    return entries(LogType.PERFORMANCE)
        .map(entry -> JsonParser.parseString(entry.getMessage()).getAsJsonObject())
        .map(entry -> entry.getAsJsonObject("message"))
        .filter(event -> event.get("method").getAsString().equals("Network.requestWillBeSent"))
        .map(event -> event.getAsJsonObject("params"))
        .filter(request -> request.get("documentURL").getAsString().matches("(file|http):.*"))
        .map(request -> request.getAsJsonObject("request"))
        .map(request -> request.get("url").getAsString())
        .filter(url -> !url.equals(driver.getCurrentUrl().split("#", -1)[0]))
        .toList();
  }

  /** The whole page as a picture under target/screenshots. */
  public void screenshot(String name) throws IOException {
    Map<String, Object> answer =
        driver.executeCdpCommand(
            "Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true));
    Files.createDirectories(SCREENSHOTS);
    Files.write(
        SCREENSHOTS.resolve(name + ".png"),
        Base64.getDecoder().decode((String) answer.get("data")));
  }

  /** How many pages the page has as a PDF, which stays under target/screenshots. */
  int pagesOnPaper(String name) throws IOException {
    Map<String, Object> answer =
        driver.executeCdpCommand("Page.printToPDF", Map.of("preferCSSPageSize", true));
    byte[] pdf = Base64.getDecoder().decode((String) answer.get("data"));
    Files.createDirectories(SCREENSHOTS);
    Files.write(SCREENSHOTS.resolve(name + ".pdf"), pdf);
    return (int)
        Pattern.compile("/Type /Page\\b")
            .matcher(new String(pdf, StandardCharsets.ISO_8859_1))
            .results()
            .count();
  }

  @Override
  public void close() {
    driver.quit();
  }

  private Stream<LogEntry> entries(String type) {
    return StreamSupport.stream(driver.manage().logs().get(type).spliterator(), false);
  }

  private static Path executable(String name) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }
}
