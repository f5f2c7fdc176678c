package dev.jbuild.network.dns;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the way through our server adds to an answer that the resolver has at once. */
final class AddedTimeTest {
  private static final System.Logger LOG = System.getLogger(AddedTimeTest.class.getName());
  private static final int WARM_UP = 3_000;
  private static final int ROUNDS = 3_000;
  private static final long ALLOWED_MICROS = 500;

  @Test
  void halfAMillisecondIsNotExceededInTheMiddle() throws IOException {
    var resolver = FakeResolver.start("127.0.0.1", FakeResolver.records("A 192.0.2.1"));
    try (var stage = new Stage(resolver);
        var direct = new Asker(Stage.STEP, Stage.GATEWAY, resolver.port())) {
      measure(direct, WARM_UP);
      measure(stage.asker(), WARM_UP);
      long[] without = measure(direct, ROUNDS);
      long[] with = measure(stage.asker(), ROUNDS);
      String numbers =
          "asked directly p50 %d us, p99 %d us; through us p50 %d us, p99 %d us"
              .formatted(at(without, 50), at(without, 99), at(with, 50), at(with, 99));
      LOG.log(System.Logger.Level.INFO, numbers);
      assertTrue(at(with, 50) - at(without, 50) <= ALLOWED_MICROS, numbers);
    }
  }

  private static long[] measure(Asker asker, int rounds) throws IOException {
    byte[] question = Asker.question("www.example.org", "A").toWire();
    long[] nanos = new long[rounds];
    for (int i = 0; i < rounds; i++) {
      long start = System.nanoTime();
      asker.send(question);
      asker.receive();
      nanos[i] = System.nanoTime() - start;
    }
    Arrays.sort(nanos);
    return nanos;
  }

  private static long at(long[] sorted, int percent) {
    return TimeUnit.NANOSECONDS.toMicros(sorted[(sorted.length - 1) * percent / 100]);
  }
}
