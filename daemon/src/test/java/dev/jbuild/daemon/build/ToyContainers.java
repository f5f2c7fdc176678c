package dev.jbuild.daemon.build;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.llb.Entitlement;
import dev.jbuild.ops.ContainerPrograms;
import dev.jbuild.process.ProcessRequest.Attended;
import dev.jbuild.process.RunningProcess;
import dev.jbuild.solver.llb.EntitlementPolicy;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
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
  public int run(Program program, Attended output) throws InterruptedException {
    return new Toy(program, output).run();
  }

  @Override
  public int join(RunningProcess first, Program program, Attended output)
      throws InterruptedException {
    return run(program, output);
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
