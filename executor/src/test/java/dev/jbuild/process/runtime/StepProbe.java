package dev.jbuild.process.runtime;

import dev.jbuild.error.BuildException;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.llb.OpMetadata.LinuxResources;
import dev.jbuild.process.StepRequests;
import dev.jbuild.process.runtime.RuntimeConfig.Preference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A virtual machine of its own that runs one step: for what a test cannot do to its own process.
 * Prints the step's output and {@code code=N}, or {@code failure=TEXT}.
 */
final class StepProbe {
  private static final long LIMIT_SECONDS = 60;

  private StepProbe() {}

  /** Arguments: directory with a busybox root and state, preference, limit in bytes, script. */
  public static void main(String[] arguments) throws Exception {
    var directory = Path.of(arguments[0]);
    var root = BusyboxRoot.create(directory.resolve("image"));
    var state = directory.resolve("state");
    var config =
        new RuntimeConfig(
            Preference.valueOf(arguments[1]), null, state.resolve("run"), state.resolve("seccomp"));
    var limits = new LinuxResources(Long.parseLong(arguments[2]), 0, 0, 0, 0, "", "");
    var request = StepRequests.shell(arguments[3]).resources(limits);
    var pumps = Executors.newCachedThreadPool();
    try (var runner = new OciProcessRunner(config, new LibcKernel(), pumps)) {
      int code = runner.run(request.on(root.overlay()));
      System.out.print(request.output().out() + request.output().err());
      System.out.println("code=" + code);
    } catch (BuildException failure) {
      System.out.println("failure=" + failure.message());
    } finally {
      pumps.shutdownNow();
    }
  }

  /** Starts a probe. */
  static Process start(List<String> before, Path directory, String... arguments)
      throws IOException {
    return start(StepProbe.class, before, directory, arguments);
  }

  private static Process start(
      Class<?> main, List<String> before, Path directory, String... arguments) throws IOException {
    var command = new ArrayList<>(before);
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of("-cp", System.getProperty("java.class.path", "")));
    command.addAll(List.of(main.getName(), directory.toString()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectError(directory.resolve("probe.log").toFile())
        .start();
  }

  /** Runs a probe to its end. */
  static String run(List<String> before, Path directory, String... arguments)
      throws IOException, InterruptedException {
    return run(StepProbe.class, before, directory, arguments);
  }

  /** Runs another probe to its end; its first argument is the directory. */
  static String run(Class<?> main, List<String> before, Path directory, String... arguments)
      throws IOException, InterruptedException {
    var process = start(main, before, directory, arguments);
    try (var in = process.getInputStream()) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("the probe does not end");
      }
      return text;
    } finally {
      process.destroyForcibly();
    }
  }
}
