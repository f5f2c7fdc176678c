package dev.jbuild.daemon.history;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.oci.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class HistoryStoreTest {
  private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");

  @TempDir Path directory;

  private HistoryStore store(HistoryLimits limits) {
    return new HistoryStore(directory, limits, Clock.fixed(NOW, ZoneOffset.UTC));
  }

  private HistoryStore store() {
    return store(HistoryLimits.DEFAULT);
  }

  static HistoryStore.Content content(String ref, Instant completed, String log) {
    return file -> {
      file.write(Bytes.utf8(log).toArray());
      file.end(Section.Kind.LOGS);
      var request =
          new BuildRecord.Request(
              "dockerfile.v0",
              new TreeMap<>(Map.of("target", "é\"<")),
              List.of(new BuildRecord.Exporter("oci", new TreeMap<>(Map.of("name", "a")))),
              List.of("network.host"));
      return BuildRecord.started(ref, request, completed.minusSeconds(1))
          .ended(
              completed,
              new BuildRecord.Failure(2, "no"),
              Map.of("k", "v"),
              new BuildRecord.Counts(4, 3, 2, 1));
    };
  }

  private static List<String> refs(HistoryStore store) throws IOException {
    return store.list().stream().map(BuildRecord::ref).toList();
  }

  @Test
  void aRecordIsReadAsItWasWritten() throws IOException {
    BuildRecord written = store().add(content("../a ref/", NOW, "text"));
    assertEquals(Optional.of(written), store().find("../a ref/"));
    assertEquals(List.of(written), store().list());
  }

  @Test
  void aSectionIsReadByItsDigest() throws IOException {
    BuildRecord record = store().add(content("a", NOW, "text"));
    try (StoredBlob blob = store().open(record.sections().get(0).digest()).orElseThrow()) {
      assertArrayEquals(Bytes.utf8("ex").toArray(), blob.read(1, 2));
      assertThrows(IOException.class, () -> blob.read(2, 3));
    }
  }

  @Test
  void aSectionStaysReadableWhenTheRecordIsDeleted() throws IOException {
    HistoryStore store = store();
    BuildRecord record = store.add(content("a", NOW, "text"));
    try (StoredBlob blob = store.open(record, record.sections().get(0)).orElseThrow()) {
      assertTrue(store.delete("a"));
      assertArrayEquals(Bytes.utf8("text").toArray(), blob.read(0, 4));
    }
    assertFalse(store.delete("a"));
  }

  @Test
  void theNewestComesFirstAndARefHasOneRecord() throws IOException {
    HistoryStore store = store();
    store.add(content("a", NOW, "1"));
    store.add(content("b", NOW.plusMillis(1), "2"));
    assertEquals(List.of("b", "a"), refs(store));
    store.add(content("a", NOW.plusMillis(2), "3"));
    assertEquals(List.of("a", "b"), refs(store));
  }

  @Test
  void aRecordGoesWhenItIsTooOldAndTooMany() throws IOException {
    HistoryStore store = store(new HistoryLimits(Duration.ofHours(1), 2));
    store.add(content("old", NOW.minus(Duration.ofHours(9)), ""));
    store.add(content("less", NOW.minus(Duration.ofHours(8)), ""));
    assertEquals(List.of(), store.enforce());
    store.add(content("new", NOW, ""));
    assertEquals(List.of("old"), store.enforce());
    store.add(content("newer", NOW.plusMillis(1), ""));
    store.add(content("newest", NOW.plusMillis(2), ""));
    assertEquals(List.of("less"), store.enforce());
    assertEquals(List.of("newest", "newer", "new"), refs(store), "young ones stay, however many");
  }

  @Test
  void pinnedRecordsNeitherGoNorCount() throws IOException {
    HistoryStore store = store(new HistoryLimits(Duration.ZERO, 1));
    store.add(content("pinned", NOW.minusSeconds(9), ""));
    assertTrue(store.pin("pinned", true).orElseThrow().pinned());
    store.add(content("old", NOW.minusSeconds(8), ""));
    assertEquals(List.of(), store.enforce());
    store.add(content("new", NOW, ""));
    assertEquals(List.of("old"), store.enforce());
    assertEquals(List.of("new", "pinned"), refs(store()));
    BuildRecord freed = store.pin("pinned", false).orElseThrow();
    assertEquals(3, freed.generation());
    assertEquals(List.of("pinned"), store.enforce());
    assertEquals(Optional.empty(), store.pin("pinned", true));
  }

  @Test
  void aPinThatIsThereAlreadyChangesNothing() throws IOException {
    HistoryStore store = store();
    store.add(content("a", NOW, ""));
    assertEquals(2, store.pin("a", true).orElseThrow().generation());
    assertEquals(2, store.pin("a", true).orElseThrow().generation());
  }

  @Test
  void aDamagedRecordIsLeftOut() throws IOException {
    store().add(content("a", NOW, "text"));
    store().add(content("b", NOW.plusMillis(1), "text"));
    try (var files = Files.list(directory)) {
      Path file = files.sorted().findFirst().orElseThrow();
      byte[] bytes = Files.readAllBytes(file);
      bytes[10] ^= 1;
      Files.write(file, bytes);
    }
    assertEquals(List.of("b"), refs(store()));
  }

  @Test
  void whatAKilledWriterLeftIsRemoved() throws IOException {
    Files.writeString(directory.resolve("tmp-7"), "half");
    Files.writeString(directory.resolve("notes.txt"), "not ours");
    store().add(content("a", NOW, ""));
    assertFalse(Files.exists(directory.resolve("tmp-7")));
    assertTrue(Files.exists(directory.resolve("notes.txt")));
    assertEquals(List.of("a"), refs(store()));
  }

  @Test
  void anotherProcessMayDeleteBesideThisOne() throws IOException {
    HistoryStore one = store();
    one.add(content("a", NOW, ""));
    assertEquals(List.of("a"), refs(one));
    store().delete("a");
    assertEquals(List.of(), refs(one));
    assertEquals(Optional.empty(), one.find("a"));
  }

  /** Writes records until it is killed; tells of each that is there. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] args) throws IOException {
      var store = new HistoryStore(Path.of(args[0]), HistoryLimits.DEFAULT, Clock.systemUTC());
      for (int i = 0; i < 1_000_000; i++) {
        store.add(content("build-" + i, NOW.plusMillis(i), "x".repeat(200_000)));
        Files.writeString(Path.of(args[1]), Integer.toString(i));
      }
    }
  }

  @Test
  void aKilledWriterLosesNothingThatItTold() throws IOException, InterruptedException {
    Path told = directory.resolveSibling(directory.getFileName() + "-told");
    var process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Writer.class.getName(),
                directory.toString(),
                told.toString())
            .inheritIO()
            .start();
    try {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (count(told) < 25) {
        assertTrue(process.isAlive() && System.nanoTime() < end, "the writer does not write");
        process.waitFor(5, TimeUnit.MILLISECONDS);
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
    int last = count(told);
    List<BuildRecord> records = store(new HistoryLimits(Duration.ofDays(9), 9_999)).list();
    assertTrue(records.size() > last, records.size() + " records, " + last + " were told");
    assertTrue(records.size() <= last + 2);
    for (BuildRecord record : records) {
      try (StoredBlob blob = store().open(record, record.sections().get(0)).orElseThrow()) {
        assertEquals(
            record.sections().get(0).digest(), Bytes.copyOf(blob.read(0, 200_000)).digest());
      }
    }
    Files.deleteIfExists(told);
  }

  private static int count(Path told) throws IOException {
    String text = Files.exists(told) ? Files.readString(told) : "";
    return text.isEmpty() ? 0 : Integer.parseInt(text);
  }
}
