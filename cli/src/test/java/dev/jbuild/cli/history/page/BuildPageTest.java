package dev.jbuild.cli.history.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.cli.history.Stories;
import dev.jbuild.cli.history.Story;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class BuildPageTest {
  private static final Pattern BAR = Pattern.compile("class=\"bar ");

  private static String page(Story story) {
    return new BuildPage(Stories.START.plusSeconds(60)).of(story);
  }

  private static long count(Pattern pattern, String text) {
    return pattern.matcher(text).results().count();
  }

  @Test
  void eachTimeInWhichAStepWorkedIsABar() {
    assertEquals(4, count(BAR, page(Stories.failed())));
  }

  @Test
  void whatAStepPrintsIsTextOnly() {
    String page = page(Stories.failed());
    assertTrue(
        page.contains(
            "&lt;/pre&gt;&lt;script&gt;document.title=&#39;pwned&#39;&lt;/script&gt;"
                + "&lt;img src=http://192.0.2.1/x onerror=&quot;document.title=&#39;pwned&#39;"
                + "&quot;&gt;red ]]&gt; &lt;!-- &amp;amp; \nlast words"),
        page);
    assertFalse(page.contains("<script"));
    assertFalse(page.contains("<img"));
    assertFalse(page.contains("<b onclick"));
  }

  @Test
  void nothingOutsideOfThePageIsNamed() {
    String page = page(Stories.failed());
    assertEquals(0, count(Pattern.compile("(?i)(src|action|srcset)=\""), page));
    assertEquals(0, count(Pattern.compile("href=\"[^#]"), page));
    assertEquals(0, count(Pattern.compile("(?i)url\\(|@import"), page));
    assertTrue(page.contains("content=\"default-src &#39;none&#39;; style-src"));
  }

  @Test
  void aFailureComesWithItsPlaceAndItsLastWords() {
    String page = page(Stories.failed());
    assertTrue(page.contains("   2 | RUN &lt;oops&gt;\n     | ^^^^^^^^^^"), page);
    assertTrue(page.contains("Exit code <strong>3</strong>"));
    assertTrue(page.contains("<dt>Why</dt><dd>miss: the op differs</dd>"));
    assertTrue(page.contains("<td>tcp 192.0.2.7:443 (a.example)</td><td>answered</td>"));
  }

  @Test
  void aBuildOfManyStepsThatPrintALotStaysSmall() {
    String page = page(Stories.large(200, 100_000));
    int size = page.getBytes(StandardCharsets.UTF_8).length;
    assertTrue(size < 2_000_000, size + " bytes");
    assertEquals(200, count(BAR, page));
    assertEquals(200, count(Pattern.compile("Only the end is shown here"), page));
  }

  @Test
  void aBuildWithoutStepsIsAPageToo() {
    var story = Stories.large(0, 0);
    assertTrue(page(story).contains("<h2 id=\"timeline-title\">Timeline</h2>"));
  }

  @Test
  void theLongestChainIsTheOneThatTookLongest() {
    assertEquals(Set.of("b", "c"), CriticalPath.of(Stories.failed().steps()));
  }

  @Test
  void marksStandAtRoundTimes() {
    assertEquals(1, TimelineView.tick(5));
    assertEquals(100, TimelineView.tick(796));
    assertEquals(500, TimelineView.tick(1_950));
    assertEquals(200_000, TimelineView.tick(1_000_000));
  }

  @Test
  void onlyTheEndOfALogIsKept() {
    var step = Stories.large(1, 260_000).steps().get(0);
    LogText log = LogText.of(step, 1_000);
    assertTrue(log.cut());
    assertTrue(Html.length(log.text()) <= 1_000);
    assertTrue(log.text().startsWith("a line of <output> & more\n"));
  }
}
