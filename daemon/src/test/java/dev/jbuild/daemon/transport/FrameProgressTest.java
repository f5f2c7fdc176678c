package dev.jbuild.daemon.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrameProgressTest {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final FrameProgress progress = new FrameProgress();
  private long now;

  private static byte[] frame(int type, int flags, int length) {
    var frame = new byte[9 + length];
    frame[0] = (byte) (length >> 16);
    frame[1] = (byte) (length >> 8);
    frame[2] = (byte) length;
    frame[3] = (byte) type;
    frame[4] = (byte) flags;
    return frame;
  }

  private String after(byte[] bytes) {
    now++;
    var seen = Unpooled.wrappedBuffer(bytes);
    progress.saw(seen, now);
    assertEquals(bytes.length, seen.readableBytes(), "nothing is taken");
    return progress.owes() ? "owes since " + progress.since() : "owes nothing";
  }

  @Test
  void whatIsWholeOwesNothing() {
    assertEquals("owes nothing", after(new byte[0]));
    assertEquals("owes nothing", after(PREFACE));
    assertEquals("owes nothing", after(frame(4, 0, 0)));
    assertEquals("owes nothing", after(frame(0, 1, 16_384)));
    assertEquals("owes nothing", after(frame(1, 4, 70_000)));
  }

  @Test
  void aPieceOwesTheRestSinceItsFirstByte() {
    assertEquals("owes since 1", after(new byte[] {PREFACE[0]}));
    byte[] rest = new byte[PREFACE.length - 1];
    System.arraycopy(PREFACE, 1, rest, 0, rest.length);
    assertEquals("owes nothing", after(rest));
    assertEquals("owes since 3", after(new byte[] {0}));
    assertEquals("owes since 3", after(new byte[] {0, 2}));
    assertEquals("owes since 3", after(new byte[] {0, 0, 0, 0, 0, 1, 'x'}));
    assertEquals("owes nothing", after(new byte[] {'y'}));
  }

  @Test
  void headersAreOneThingWithWhatContinuesThem() {
    after(PREFACE);
    assertEquals("owes since 2", after(frame(1, 0, 3)));
    assertEquals("owes since 2", after(frame(9, 0, 1)));
    assertEquals("owes since 2", after(frame(9, 0, 0)));
    assertEquals("owes nothing", after(frame(9, 4, 1)));
  }

  @Test
  void aFrameThatFollowsInTheSameBytesBeginsThen() {
    after(PREFACE);
    var two = new ByteArrayOutputStream();
    two.writeBytes(frame(0, 0, 10));
    two.write(0);
    assertEquals("owes since 2", after(two.toByteArray()));
    byte[] rest = new byte[8 + 8];
    assertEquals("owes since 3", after(rest), "one of no content, then a part of the next");
  }

  @Test
  void howBytesArriveMakesNoDifference() {
    var all = new ByteArrayOutputStream();
    all.writeBytes(PREFACE);
    for (byte[] frame :
        List.of(
            frame(4, 0, 18), frame(1, 0, 5), frame(9, 4, 300), frame(0, 1, 70), frame(8, 0, 4))) {
      all.writeBytes(frame);
    }
    byte[] bytes = all.toByteArray();
    List<String> whole = new ArrayList<>();
    for (int i = 1; i <= bytes.length; i++) {
      var fresh = new FrameProgress();
      fresh.saw(Unpooled.wrappedBuffer(bytes, 0, i), 7);
      whole.add(i + ": " + fresh.owes());
    }
    List<String> single = new ArrayList<>();
    for (int i = 1; i <= bytes.length; i++) {
      progress.saw(Unpooled.wrappedBuffer(bytes, i - 1, 1), i);
      single.add(i + ": " + progress.owes());
    }
    assertEquals(whole, single);
    assertEquals(bytes.length + ": false", whole.get(bytes.length - 1));
  }
}
