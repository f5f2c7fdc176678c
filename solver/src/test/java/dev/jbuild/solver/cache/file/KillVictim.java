package dev.jbuild.solver.cache.file;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.solver.cache.Alias;
import dev.jbuild.solver.cache.CacheRecord;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Records on several threads, prints the number of each record when it is done, until killed. */
final class KillVictim {
  /** More than one round can reach. */
  static final int MOST = 1_000_000;

  private static final int THREADS = 4;

  private KillVictim() {}

  public static void main(String[] args) throws Exception {
    var next = new AtomicInteger(Integer.parseInt(args[1]));
    try (var out =
            new PrintStream(
                new FileOutputStream(FileDescriptor.out), false, StandardCharsets.US_ASCII);
        var store = FileKeyStore.open(Path.of(args[0]))) {
      for (int i = 1; i < THREADS; i++) {
        Thread.ofVirtual().start(() -> work(store, next, out));
      }
      work(store, next, out);
    }
  }

  private static void work(FileKeyStore store, AtomicInteger next, PrintStream out) {
    for (int i = 0; i < MOST; i++) {
      int number = next.getAndIncrement();
      CacheRecord record = record(number);
      store.record(List.of(record), List.of(new Alias(alias(number), record.id())));
      byte[] line = (number + "\n").getBytes(StandardCharsets.US_ASCII);
      out.write(line, 0, line.length); // one write, so that lines stay whole
      out.flush();
      if (number % 7 == 0) {
        CacheRecord churn = record(-1 - number % 50); // what is replaced makes H2 reuse space
        store.forget(churn);
        store.record(List.of(churn), List.of());
      }
    }
  }

  static CacheRecord record(int number) {
    var input = new CacheRecord.Input(id("input " + number), "/" + number, id("c" + number));
    return new CacheRecord(
        id("record " + number),
        id("op"),
        0,
        List.of(input),
        "layer:" + number,
        Instant.ofEpochMilli(number),
        Integer.toString(number));
  }

  static Digest alias(int number) {
    return id("alias " + number);
  }

  private static Digest id(String text) {
    return Bytes.utf8(text).digest();
  }
}
