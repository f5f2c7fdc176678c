package dev.jbuild.network.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.llb.NetMode;
import dev.jbuild.network.TestHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Steps are told apart by their control groups, of which nothing stays. */
@Tag("root")
@Timeout(60)
final class MeteredStepsTest {
  @TempDir private Path root;
  private @Nullable MeteredHost stage;

  @BeforeEach
  void open() throws Exception {
    stage = MeteredHost.open(root);
  }

  @AfterEach
  void close() throws Exception {
    if (stage != null) { // null where the test is skipped
      stage.close();
    }
  }

  private MeteredHost stage() {
    return Objects.requireNonNull(stage);
  }

  @Test
  void groupsThatAStepMakesForItselfAreSeenToo() throws Exception {
    try (var step = stage().meter().open("one", NetMode.SANDBOX)) {
      var group = Objects.requireNonNull(step.group());
      var inner = Files.createDirectory(group.resolve("inner"));
      var type = inner.resolve("cgroup.type");
      if (Files.readString(group.resolve("cgroup.type")).startsWith("threaded")) {
        Files.writeString(type, "threaded");
      }
      StepMeter below = new Below(inner);
      MeteredHost.run(below, stage().host().host(), ": >/dev/tcp/127.0.0.1/9");
      assertEquals(List.of("TCP 127.0.0.1:9 REFUSED"), MeteredHost.peers(step.read()));
    }
  }

  /** A group below a step's. */
  private record Below(Path group) implements StepMeter {
    @Override
    public Reading read() {
      throw new IllegalStateException();
    }

    @Override
    public void close() {}
  }

  @Test
  void stepsAtTheSameTimeAreToldApart() throws Exception {
    try (var one = stage().meter().open("one", NetMode.SANDBOX);
        var two = stage().meter().open("two", NetMode.SANDBOX)) {
      var first =
          MeteredHost.start(
              one, stage().host().host(), "printf x >/dev/udp/" + MeteredHost.OUTSIDE + "/1001");
      var second =
          MeteredHost.start(
              two, stage().host().host(), "printf x >/dev/udp/" + MeteredHost.OUTSIDE + "/1002");
      assertEquals(0, first.waitFor());
      assertEquals(0, second.waitFor());
      assertEquals(List.of("UDP 198.51.100.2:1001 SILENT"), MeteredHost.peers(one.read()));
      assertEquals(List.of("UDP 198.51.100.2:1002 SILENT"), MeteredHost.peers(two.read()));
    }
  }

  @Test
  void tooManyPeersAreSaidAndDoNotFillTheTableForOthers() throws Exception {
    String many =
        "for i in $(seq 1001 1030); do printf x >/dev/udp/" + MeteredHost.OUTSIDE + "/$i; done";
    for (int i = 0; i < 6; i++) {
      var reading = stage().seen(NetMode.SANDBOX, many);
      assertEquals(MeteredHost.FEW, reading.peers().size());
      assertEquals(
          "the step had more than 8 peers: others are not listed", reading.notSeen().getLast());
      assertFalse(reading.quiet());
    }
    assertEquals(
        List.of("UDP 198.51.100.2:1001 SILENT"),
        MeteredHost.peers(
            stage().seen(NetMode.SANDBOX, "printf x >/dev/udp/" + MeteredHost.OUTSIDE + "/1001")));
  }

  @Test
  void leftoversOfAKilledProcessGoAtTheNextStart() throws Exception {
    var killed = new SocketMeter(stage().kernel(), root.resolve("other"), MeteredHost.FEW);
    var left = killed.open("one", NetMode.NONE).group();
    try (var next = new SocketMeter(stage().kernel(), root.resolve("other"), MeteredHost.FEW)) {
      next.warmUp();
      assertTrue(left != null && !Files.exists(left), String.valueOf(left));
      try (var step = next.open("two", NetMode.SANDBOX)) {
        MeteredHost.run(step, stage().host().host(), ": >/dev/tcp/127.0.0.1/9");
        assertEquals(List.of("TCP 127.0.0.1:9 REFUSED"), MeteredHost.peers(step.read()));
      }
    }
    assertTrue(left != null && !Files.exists(left.resolve("..")), String.valueOf(left));
    killed.close();
  }

  @Test
  void nothingIsLeftAfterTheEnd() throws Exception {
    var own = new SocketMeter(stage().kernel(), root.resolve("third"), MeteredHost.FEW);
    Path group;
    try (own;
        var step = own.open("one", NetMode.NONE)) {
      group = Objects.requireNonNull(step.group());
    }
    String name = String.valueOf(Objects.requireNonNull(group.getParent()).getFileName());
    assertEquals("", TestHost.exec("find", "/sys/fs/cgroup", "-name", name));
  }
}
