package dev.jbuild.diff;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TarRoundTripTest {
  private static final byte[] BINARY = {1, 0, 0, 2, (byte) 0xFF, (byte) 0x80, 0, '\n', '='};

  @Test
  void everythingAnEntryHasSurvives() throws IOException {
    var entry =
        new TarEntry(
            "dir/größe-" + "x".repeat(150),
            TarEntry.Type.REGULAR,
            04755,
            3_000_000,
            -2,
            5,
            1_700_000_000_000_000_000L,
            "",
            0,
            0,
            Map.of("security.capability", BINARY));
    TarEntry read = read(write(entry, "hello"));
    assertArrayEquals(BINARY, read.attributes().get("security.capability"));
    assertEquals(entry.name(), read.name());
    assertEquals(04755, read.permissions());
    assertEquals(3_000_000, read.uid());
    assertEquals(-2, read.gid());
    assertEquals(5, read.sizeBytes());
    assertEquals(entry.modifiedNanos(), read.modifiedNanos());
  }

  @Test
  void timesAreCutToTheSecondAndMayLieBeforeTheEpoch() throws IOException {
    assertEquals(-2_000_000_000L, read(write(plain("a", -1_500_000_000L), "")).modifiedNanos());
    assertEquals(1_000_000_000L, read(write(plain("a", 1_999_999_999L), "")).modifiedNanos());
  }

  @Test
  void sameEntriesGiveSameBytes() throws IOException {
    assertArrayEquals(write(plain("a", 7), ""), write(plain("a", 7), ""));
  }

  @Test
  void aCutOffContentIsAnErrorWithTheEntrysName() throws IOException {
    byte[] tar =
        write(
            new TarEntry("f", TarEntry.Type.REGULAR, 0644, 0, 0, 5, 0, "", 0, 0, Map.of()),
            "hello");
    var reader = new TarReader(new ByteArrayInputStream(tar, 0, 514));
    assertNotNull(reader.next());
    var failure = assertThrows(EOFException.class, reader::next);
    assertEquals("tar stream ends in the middle of entry 'f'", failure.getMessage());
  }

  @Test
  void aBrokenHeaderIsNamedByWhatCameBefore() throws IOException {
    byte[] tar = write(plain("first", 0), "");
    tar[0] ^= 1;
    var reader = new TarReader(new ByteArrayInputStream(tar));
    var failure = assertThrows(TarException.class, reader::next);
    assertEquals(
        "not a tar stream: after '(start)' the header's checksum is 4261, its bytes give 4262",
        failure.getMessage());
  }

  @Test
  void namesThatAreNotUtf8AreRefused() throws IOException {
    byte[] tar = write(plain("aa", 0), "");
    tar[0] = (byte) 0xFF;
    int sum = 0;
    for (int i = 0; i < 512; i++) {
      sum += i >= 148 && i < 156 ? ' ' : Byte.toUnsignedInt(tar[i]);
    }
    byte[] digits = String.format("%06o", sum).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(digits, 0, tar, 148, 6);
    var failure = assertThrows(TarException.class, () -> read(tar));
    assertEquals("tar entry: name 'ÿa' is not UTF-8", failure.getMessage());
  }

  @Test
  void mutatedTarsNeverGiveMoreThanAnIoException() throws IOException {
    byte[] good =
        write(
            new TarEntry(
                "long/" + "n".repeat(120),
                TarEntry.Type.REGULAR,
                0644,
                0,
                0,
                700,
                3,
                "",
                0,
                0,
                Map.of("user.a", BINARY)),
            "y".repeat(700));
    long seed = System.nanoTime();
    var random = new Random(seed);
    for (int round = 0; round < 20_000; round++) {
      byte[] bad = good.clone();
      for (int i = 0; i <= random.nextInt(6); i++) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
      }
      try {
        var reader =
            new TarReader(new ByteArrayInputStream(bad, 0, random.nextInt(bad.length + 1)));
        for (int n = 0; n < 100 && reader.next() != null; n++) {
          reader.read(new byte[64], 0, 64);
        }
      } catch (IOException expected) {
        // the only way out for bad bytes
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + ", round " + round, e);
      }
    }
  }

  @Test
  void theEndMarkerEndsTheStream() throws IOException {
    var out = new ByteArrayOutputStream();
    new TarWriter(out).finish();
    assertEquals(1024, out.size());
    assertNull(new TarReader(new ByteArrayInputStream(out.toByteArray())).next());
  }

  private static TarEntry plain(String name, long nanos) {
    return new TarEntry(name, TarEntry.Type.REGULAR, 0644, 0, 0, 0, nanos, "", 0, 0, Map.of());
  }

  private static byte[] write(TarEntry entry, String content) throws IOException {
    var out = new ByteArrayOutputStream();
    var tar = new TarWriter(out);
    tar.begin(entry);
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > 0) {
      tar.write(bytes, 0, bytes.length);
    }
    tar.finish();
    return out.toByteArray();
  }

  private static TarEntry read(byte[] tar) throws IOException {
    TarEntry entry = new TarReader(new ByteArrayInputStream(tar)).next();
    assertNotNull(entry);
    return entry;
  }
}
