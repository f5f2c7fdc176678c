package dev.jbuild.daemon.build;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.FileStat;
import dev.jbuild.llb.Entitlement;
import dev.jbuild.oci.Bytes;
import dev.jbuild.ops.ContainerPrograms;
import dev.jbuild.ops.SandboxFiles;
import dev.jbuild.process.ProcessRequest.Attended;
import dev.jbuild.process.RunningProcess;
import dev.jbuild.solver.llb.EntitlementPolicy;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Containers without processes. {@code say} writes its other arguments and ends with 3, {@code
 * take} writes what it is given once that ends, {@code wait} ends with the signal it gets, {@code
 * none} can not be run.
 */
record ToyContainers(BuildScope scope) implements ContainerPrograms {

  @Override
  public void check(Program program) {
    for (Entitlement needed : EntitlementPolicy.needs(program.op())) {
      scope.policy().require(needed, program.place());
    }
  }

  @Override
  public Sandbox open(Program program) {
    return new Mounts();
  }

  /** Each mount has a file that names it. */
  private static final class Mounts implements Sandbox {
    @Override
    public int run(Program program, Attended output) throws InterruptedException {
      return new Toy(program, output).run();
    }

    @Override
    public int join(RunningProcess first, Program program, Attended output)
        throws InterruptedException {
      return run(program, output);
    }

    @Override
    public SandboxFiles files(int mount) {
      return new ToyFiles("mount " + mount);
    }

    @Override
    public void close() {}
  }

  private record ToyFiles(String text) implements SandboxFiles {
    @Override
    public Bytes read(String path, long offset, int maxBytes) {
      return Bytes.utf8(text + " of " + path);
    }

    @Override
    public List<Seen> list(String path) {
      return List.of(stat("/one"), stat("/two"));
    }

    @Override
    public Seen stat(String path) {
      var stat = new FileStat(FileStat.REGULAR | 0640, 1, 2, 3, 4, 0, 0, 1, 0, 0, 0);
      return new Seen(path.substring(1), stat, "", Map.of());
    }
  }

  private static final class Toy extends ByteArrayOutputStream implements RunningProcess {
    private final Program program;
    private final Attended output;
    private final CompletableFuture<Integer> end = new CompletableFuture<>();

    Toy(Program program, Attended output) {
      this.program = program;
      this.output = output;
    }

    int run() throws InterruptedException {
      var args = program.op().meta().args();
      if (args.getFirst().equals("none")) {
        throw new BuildException(Code.NOT_FOUND, "no such program");
      }
      output.started(this);
      output.stdin(this);
      if (args.getFirst().equals("say")) {
        say(String.join(" ", args.subList(1, args.size())));
        return 3;
      }
      try {
        return end.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }

    private void say(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      output.stdout(bytes, 0, bytes.length);
    }

    @Override
    public void close() {
      if (program.op().meta().args().getFirst().equals("take")) {
        say(toString(StandardCharsets.UTF_8));
        end.complete(0);
      }
    }

    @Override
    public void signal(int signal) {
      end.complete(128 + signal);
    }

    @Override
    public void resize(int rows, int columns) {
      say(rows + "x" + columns);
    }

    @Override
    public int join(Joining process) {
      throw new AssertionError("joined by the toy");
    }
  }
}
