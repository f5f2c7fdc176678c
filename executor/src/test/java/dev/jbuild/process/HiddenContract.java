package dev.jbuild.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.mount.Mount;
import dev.jbuild.oci.Bytes;
import dev.jbuild.process.ProcessRequest.SandboxFile;
import dev.jbuild.process.ProcessRequest.Secret;
import dev.jbuild.process.ProcessRequest.Served;
import dev.jbuild.process.ProcessRequest.Socket;
import dev.jbuild.process.runtime.Eventually;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every runner owes to what a step sees and no disk may. */
public abstract class HiddenContract extends RunnerFixture {
  private static final String VALUE = "correct-horse-battery-staple";

  private static SandboxFile secret(String dest, int mode) {
    return new SandboxFile(dest, mode, 7, 8, new Secret(Bytes.utf8(VALUE)));
  }

  @Test
  void aFileHasItsContentOwnerAndMode() throws Exception {
    String script = "cat /run/secrets/one; echo; stat -c '%a %u %g' /run/secrets/one";
    var request = StepRequests.shell(script).file(secret("/run/secrets/one", 0440));
    assertEquals(VALUE + "\n440 7 8\n", out(request));
  }

  @Test
  void aFileCannotBeWritten() throws Exception {
    var request =
        StepRequests.shell("(echo x > /s) 2>/dev/null || echo refused").file(secret("/s", 0666));
    assertEquals("refused\n", out(request));
  }

  @Test
  void aFileIsRunOnlyWhenItsModeSaysSo() throws Exception {
    var script = new Secret(Bytes.utf8("#!/bin/sh\necho ran\n"));
    var request = StepRequests.command("/s").file(new SandboxFile("/s", 0700, 0, 0, script));
    assertEquals("ran\n", out(request));
  }

  @Test
  void aVariableWinsOverTheOthers() throws Exception {
    var request = StepRequests.shell("echo $A").env("A=public", "B=b").hiddenEnv("A=hidden");
    assertEquals("hidden\n", out(request));
  }

  @Test
  void noFileOnDiskHasAnyOfItWhileTheStepRuns() throws Exception {
    Path go = Files.createDirectories(directory().resolve("go"));
    var request =
        StepRequests.shell("touch /go/up; while [ ! -e /go/on ]; do sleep 0.05; done; echo $TOKEN")
            .mount(Mount.bind(go.toString(), false), "", "/go")
            .file(secret("/s", 0400))
            .hiddenEnv("TOKEN=" + VALUE);
    Running step = start(request);
    Eventually.await("runs", 20_000, () -> Files.exists(go.resolve("up")));
    List<String> found = filesWithValue();
    Files.createFile(go.resolve("on"));
    assertEquals(0, step.result().get());
    assertEquals(VALUE + "\n", request.output().out());
    assertEquals(List.of(), found);
  }

  /** Files of the state directory that are on its own file system and have the value in them. */
  private List<String> filesWithValue() throws IOException {
    var found = new ArrayList<String>();
    Path state = directory().resolve("state");
    var own = Files.getFileStore(state);
    try (var files = Files.walk(state)) {
      for (Path file : files.toList()) {
        boolean onDisk = Files.isRegularFile(file) && Files.getFileStore(file).equals(own);
        if (onDisk
            && Files.size(file) < 1 << 20
            && Files.readString(file, StandardCharsets.ISO_8859_1).contains(VALUE)) {
          found.add(file.toString());
        }
      }
    }
    return found;
  }

  @Test
  void aSocketIsServedWhileTheStepRuns() throws Exception {
    var events = new ArrayList<String>();
    var socket =
        new Socket(
            path -> {
              var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
              server.bind(UnixDomainSocketAddress.of(path));
              events.add("listening");
              return (Served)
                  () -> {
                    events.add("closed");
                    server.close();
                  };
            });
    var request =
        StepRequests.shell("test -S /run/deep/agent && stat -c %a /run/deep/agent")
            .file(new SandboxFile("/run/deep/agent", 0600, 0, 0, socket));
    assertEquals("600\n", out(request));
    assertEquals(List.of("listening", "closed"), events);
  }
}
