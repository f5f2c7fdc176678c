package dev.jbuild.cli.history.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.cli.history.Stories;
import dev.jbuild.cli.history.Story;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page as a browser sees it. */
@Timeout(120)
class ChromiumIT {
  private static final long LIMIT_SECONDS = 60;

  @TempDir Path directory;
  private Path chromium;

  @BeforeEach
  void find() {
    Optional<Path> found =
        Arrays.stream(System.getenv().getOrDefault("PATH", "/usr/bin").split(":", -1))
            .map(place -> Path.of(place, "chromium"))
            .filter(Files::isExecutable)
            .findFirst();
    Assumptions.assumeTrue(
        found.isPresent(),
        "skipped: the program 'chromium' is missing; tools/install test installs it");
    chromium = found.orElseThrow();
  }

  private Path written(Story story) throws IOException {
    String page = new BuildPage(Stories.START.plusSeconds(60)).of(story);
    return Files.writeString(directory.resolve("page.html"), page);
  }

  private String run(Path page, String... what) throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(chromium.toString());
    command.addAll(
        List.of(
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--window-size=1200,1600",
            "--user-data-dir=" + Files.createTempDirectory(directory, "profile")));
    command.addAll(List.of(what));
    command.add(page.toUri().toString());
    Path out = Files.createTempFile(directory, "dom", ".html");
    var process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(directory.resolve("errors").toFile())
            .start();
    try {
      assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), "chromium does not end");
    } finally {
      process.destroyForcibly();
    }
    assertEquals(0, process.exitValue(), Files.readString(directory.resolve("errors")));
    return Files.readString(out);
  }

  private static long count(String regex, String text) {
    return Pattern.compile(regex).matcher(text).results().count();
  }

  @Test
  void theBrowserSeesBarsStepsAndTexts() throws Exception {
    String dom = run(written(Stories.failed()), "--dump-dom");
    assertEquals(4, count("<span class=\"bar ", dom));
    assertEquals(4, count("<details ", dom));
    assertEquals(1, count("<details [^>]*open=\"", dom));
    assertEquals(4, count("<circle ", dom));
    assertEquals(3, count("<path ", dom));
    assertTrue(dom.contains("last words"));
    assertTrue(dom.contains("<dd>miss: the op differs</dd>"));
  }

  @Test
  void aHostileLogRunsNothing() throws Exception {
    String dom = run(written(Stories.failed()), "--dump-dom");
    assertTrue(dom.contains("<title>web – Error – jbuild</title>"), "the title was changed");
    assertEquals(0, count("<(script|img|b|u|i)[ >]", dom));
    assertTrue(dom.contains("&lt;script&gt;document.title='pwned'&lt;/script&gt;"));
  }

  /** The page's own policy, should the escaping ever fail: tried with a page that has a script. */
  @Test
  void thePolicyStopsWhatEscapingWouldNot() throws Exception {
    Path page = written(Stories.failed());
    try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      String url = "http://127.0.0.1:" + server.getLocalPort() + "/x";
      String torn =
          Files.readString(page)
              .replace(
                  "<main>",
                  "<main><script>document.title='pwned'</script><img src='"
                      + url
                      + "' onerror=\"document.title='pwned'\"><link rel=stylesheet href='"
                      + url
                      + "'>");
      Files.writeString(page, torn);
      String dom = run(page, "--dump-dom");
      assertFalse(dom.contains("<title>pwned"));
      assertTrue(dom.contains("<title>web – Error – jbuild</title>"));
      server.setSoTimeout(200);
      assertThrows(
          SocketTimeoutException.class, server::accept, "the page asked for something outside");
    }
  }

  @Test
  void thePageIsPainted() throws Exception {
    Path picture = directory.resolve("page.png");
    run(written(Stories.large(40, 2_000)), "--screenshot=" + picture);
    BufferedImage image = ImageIO.read(picture.toFile());
    assertEquals(1200, image.getWidth());
    int ran = 0;
    int cached = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        int color = image.getRGB(x, y) & 0xffffff;
        ran += color == 0x2f6fdb || color == 0x5b93ea ? 1 : 0;
        cached += color == 0x8593a5 || color == 0x69768a ? 1 : 0;
      }
    }
    assertTrue(ran > 1_000, ran + " points of bars of steps that ran");
    assertTrue(cached > 100, cached + " points of bars of cached steps");
  }

  @Test
  void aLargePageIsShownWhole() throws Exception {
    Path page = written(Stories.large(200, 100_000));
    assertTrue(Files.size(page) < 2_000_000, Files.size(page) + " bytes");
    String dom = run(page, "--dump-dom");
    assertEquals(200, count("<span class=\"bar ", dom));
    assertEquals(200, count("<pre class=\"log\"", dom));
    assertTrue(dom.getBytes(StandardCharsets.UTF_8).length > 1_000_000);
  }
}
