package dev.jbuild.dockerfile.instruction;

import dev.jbuild.dockerfile.parse.Heredoc;
import dev.jbuild.dockerfile.parse.Statement;
import dev.jbuild.llb.Attempts;
import dev.jbuild.llb.SourceRange;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One instruction with its flags read and nothing expanded. Source: Dockerfile reference. */
public sealed interface Instruction {

  Statement statement();

  /** From the keyword to the last line. */
  default SourceRange range() {
    return statement().range();
  }

  /** The keyword in capitals. */
  default String name() {
    return statement().name();
  }

  /** FROM. The stage's name is in small letters, or null. */
  record From(
      Statement statement,
      Word image,
      @Nullable String stageName,
      @Nullable Word stageNameWord,
      @Nullable Word platform)
      implements Instruction {}

  /** ARG with one or more declarations. */
  record Arg(Statement statement, List<Declaration> declarations) implements Instruction {
    public Arg {
      declarations = List.copyOf(declarations);
    }

    /** A name and its default, null when there is none. */
    public record Declaration(Word name, @Nullable Word value) {}
  }

  /** RUN. */
  record Run(
      Statement statement,
      CommandLine command,
      List<MountFlag> mounts,
      Network network,
      boolean insecure,
      List<Device> devices,
      boolean noCache,
      Attempts attempts)
      implements Instruction {
    public Run {
      mounts = List.copyOf(mounts);
      devices = List.copyOf(devices);
    }

    /** What {@code --network} says. */
    public enum Network {
      /** What the client sets for the build, else the isolated network. */
      DEFAULT,
      NONE,
      HOST,
      /** The isolated network, whatever the client sets for the build. */
      ISOLATED
    }

    /** What {@code --device} asks for. */
    public record Device(String name, boolean required) {}
  }

  /** What COPY and ADD have in common. */
  record Transfer(
      List<Source> sources,
      Word destination,
      @Nullable Word chown,
      @Nullable Word chmod,
      boolean link,
      List<Word> exclude) {
    public Transfer {
      sources = List.copyOf(sources);
      exclude = List.copyOf(exclude);
    }
  }

  /** Something to copy. */
  sealed interface Source {}

  /** A path or URL. */
  record PathSource(Word path) implements Source {}

  /** An inline document; its name is the file's name. */
  record InlineSource(Heredoc document) implements Source {}

  /** COPY. */
  record Copy(Statement statement, Transfer transfer, @Nullable Word from, boolean parents)
      implements Instruction {}

  /** ADD. Absent flags are null. */
  record Add(
      Statement statement,
      Transfer transfer,
      @Nullable Word checksum,
      @Nullable Boolean keepGitDir,
      @Nullable Boolean unpack)
      implements Instruction {}

  /** A name and a value; {@code spaced} is the old form without an equals sign. */
  record KeyValue(Word key, Word value, boolean spaced) {}

  /** ENV. */
  record Env(Statement statement, List<KeyValue> pairs) implements Instruction {
    public Env {
      pairs = List.copyOf(pairs);
    }
  }

  /** LABEL. */
  record Label(Statement statement, List<KeyValue> pairs) implements Instruction {
    public Label {
      pairs = List.copyOf(pairs);
    }
  }

  /** WORKDIR. */
  record Workdir(Statement statement, Word path) implements Instruction {}

  /** USER. */
  record User(Statement statement, Word user) implements Instruction {}

  /** EXPOSE. */
  record Expose(Statement statement, List<Word> ports) implements Instruction {
    public Expose {
      ports = List.copyOf(ports);
    }
  }

  /** VOLUME. */
  record Volume(Statement statement, List<Word> paths) implements Instruction {
    public Volume {
      paths = List.copyOf(paths);
    }
  }

  /** CMD. */
  record Cmd(Statement statement, CommandLine command) implements Instruction {}

  /** ENTRYPOINT. */
  record Entrypoint(Statement statement, CommandLine command) implements Instruction {}

  /** SHELL; at least one word. */
  record Shell(Statement statement, List<String> args) implements Instruction {
    public Shell {
      args = List.copyOf(args);
    }
  }

  /** STOPSIGNAL. */
  record StopSignal(Statement statement, Word signal) implements Instruction {}

  /** HEALTHCHECK; the command is null for NONE, durations are zero where not given. */
  record Healthcheck(
      Statement statement,
      @Nullable CommandLine command,
      Duration interval,
      Duration timeout,
      Duration startPeriod,
      Duration startInterval,
      int retries)
      implements Instruction {}

  /**
   * ONBUILD.
   *
   * @param trigger read once here so that mistakes show at once
   * @param expression its text, as it goes into the image
   */
  record Onbuild(Statement statement, Instruction trigger, String expression)
      implements Instruction {}

  /** MAINTAINER. */
  record Maintainer(Statement statement, String author) implements Instruction {}
}
