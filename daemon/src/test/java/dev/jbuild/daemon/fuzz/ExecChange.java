package dev.jbuild.daemon.fuzz;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import java.util.Random;
import moby.buildkit.v1.frontend.DoneMessage;
import moby.buildkit.v1.frontend.ExecMessage;
import moby.buildkit.v1.frontend.ExitMessage;
import moby.buildkit.v1.frontend.InitMessage;
import moby.buildkit.v1.frontend.ResizeMessage;
import moby.buildkit.v1.frontend.SignalMessage;
import moby.buildkit.v1.frontend.StartedMessage;

/** Changes what a client says to its processes. */
public final class ExecChange implements Mutator.Change {
  private static final List<String> TEXTS =
      List.of(
          "",
          "p1",
          "p2",
          "other",
          ".",
          "../..",
          "/",
          "a\0b",
          "A=B=C",
          "=x",
          "no equals",
          "KILL",
          "SIGSTOP",
          "0",
          "-1",
          "99999999999",
          "\u001b[2J",
          "ü",
          "x".repeat(70_000));

  private static final int[] NUMBERS = {0, 1, 2, 3, -1, 77, 65_535, 65_536, Integer.MAX_VALUE};

  @Override
  public ByteString of(ByteString message, Random random) {
    ExecMessage.Builder exec;
    try {
      exec = ExecMessage.parseFrom(message).toBuilder();
    } catch (InvalidProtocolBufferException broken) {
      return Mutator.bytes(message, random);
    }
    if (random.nextInt(4) == 0) {
      kind(exec, random);
    } else {
      switch (exec.getInputCase()) {
        case INIT -> init(exec.getInitBuilder(), random);
        case FILE -> file(exec, random);
        case RESIZE -> exec.setResize(resize(random));
        case SIGNAL -> exec.setSignal(SignalMessage.newBuilder().setName(text(random)));
        case STARTED, EXIT, DONE, INPUT_NOT_SET -> exec.setProcessID(text(random));
      }
    }
    return exec.build().toByteString();
  }

  private static void kind(ExecMessage.Builder exec, Random random) {
    switch (random.nextInt(8)) {
      case 0 -> exec.setStarted(StartedMessage.getDefaultInstance());
      case 1 -> exec.setExit(ExitMessage.newBuilder().setCode(number(random)));
      case 2 -> exec.setDone(DoneMessage.getDefaultInstance());
      case 3 -> exec.clearInput();
      case 4 -> exec.setSignal(SignalMessage.newBuilder().setName(text(random)));
      case 5 -> exec.setResize(resize(random));
      default -> exec.setProcessID(text(random));
    }
  }

  private static ResizeMessage resize(Random random) {
    return ResizeMessage.newBuilder().setRows(number(random)).setCols(number(random)).build();
  }

  private static void file(ExecMessage.Builder exec, Random random) {
    switch (random.nextInt(3)) {
      case 0 -> exec.getFileBuilder().setFd(number(random));
      case 1 -> exec.getFileBuilder().setEOF(random.nextBoolean());
      default ->
          exec.getFileBuilder().setData(ByteString.copyFrom(new byte[random.nextInt(200_000)]));
    }
  }

  private static void init(InitMessage.Builder init, Random random) {
    switch (random.nextInt(10)) {
      case 0 -> init.setContainerID(text(random));
      case 1 -> init.getMetaBuilder().clearArgs();
      case 2 -> init.getMetaBuilder().addArgs(text(random));
      case 3 -> init.getMetaBuilder().addEnv(text(random));
      case 4 -> init.getMetaBuilder().setCwd(text(random)).setUser(text(random));
      case 5 -> init.addFds(number(random));
      case 6 -> init.clearFds().setTty(true);
      case 7 -> init.setSecurityValue(number(random)).setTty(random.nextBoolean());
      case 8 -> init.addSecretenv(pb.SecretEnv.newBuilder().setID(text(random)));
      default -> init.clearMeta();
    }
  }

  private static String text(Random random) {
    return TEXTS.get(random.nextInt(TEXTS.size()));
  }

  private static int number(Random random) {
    return NUMBERS[random.nextInt(NUMBERS.length)];
  }
}
