package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the launcher's cache is made from; what is not loaded there is slow for every user. */
@Tag("root")
class TrainingIT {
  @Test
  void trainingLoadsWhatBuildsNeedWithAndWithoutDaemon() throws Exception {
    try (Lab lab = Lab.open()) {
      Path loaded = lab.directory().resolve("loaded");
      var program = lab.program("dev.jbuild.cli.TrainingRun");
      program.environment().put("JAVA_TOOL_OPTIONS", "-Xlog:class+load:file=" + loaded);
      Process training = program.start();
      try {
        assertTrue(training.waitFor(120, TimeUnit.SECONDS), lab.output());
      } finally {
        training.destroyForcibly();
      }
      List<String> said =
          lab.output()
              .lines()
              .filter(line -> !line.startsWith("Picked up JAVA_TOOL_OPTIONS"))
              .toList();
      assertEquals(List.of(), said);
      assertEquals(0, training.exitValue());
      String classes = Files.readString(loaded);
      for (String needed :
          List.of(
              "dev.jbuild.daemon.engine.WorkerEngine",
              "dev.jbuild.cli.client.RemoteEngine",
              "dev.jbuild.cli.client.SessionServer",
              "dev.jbuild.daemon.GrpcServer",
              "dev.jbuild.daemon.session.sync.PacketWalk",
              "io.grpc.netty.NettyClientTransport",
              "io.grpc.netty.NettyServerTransport")) {
        assertTrue(classes.contains(" " + needed + " "), needed);
      }
    }
  }
}
