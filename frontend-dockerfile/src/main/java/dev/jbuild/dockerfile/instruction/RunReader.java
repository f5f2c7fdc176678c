package dev.jbuild.dockerfile.instruction;

import dev.jbuild.dockerfile.parse.CommaList;
import dev.jbuild.dockerfile.parse.Flag;
import dev.jbuild.dockerfile.parse.SourceFile;
import dev.jbuild.dockerfile.parse.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads RUN. */
final class RunReader {
  private static final List<String> NETWORKS = List.of("default", "none", "host", "isolated");

  private final SourceFile file;
  private final Statement statement;

  RunReader(SourceFile file, Statement statement) {
    this.file = file;
    this.statement = statement;
  }

  Instruction read() {
    Flags flags =
        Flags.of(
            file,
            statement,
            "mount",
            "network",
            "security",
            "device",
            "no-cache",
            "timeout",
            "retry",
            "retry-delay");
    if (statement.arguments().isEmpty()) {
      throw file.error(statement.range(), "RUN needs a command, got none");
    }
    CommandLine command = JsonForm.command(file, statement.arguments());
    if (command instanceof CommandLine.ExecForm exec && exec.args().isEmpty()) {
      throw file.error(statement.arguments().range(), "RUN needs a command, got an empty list");
    }
    return new Instruction.Run(
        statement,
        command,
        mounts(flags),
        network(flags.value("network")),
        insecure(flags.value("security")),
        devices(flags),
        flags.on("no-cache"),
        new AttemptsReader(file, flags).read());
  }

  private List<MountFlag> mounts(Flags flags) {
    var mounts = new ArrayList<MountFlag>();
    for (Flag flag : flags.all("mount")) {
      MountFlag mount = MountFlag.read(file, flag, flags.text(flag));
      if (!mount.hasVariables()) {
        new MountReader(file, mount).read(); // only to find mistakes before anything runs
      }
      mounts.add(mount);
    }
    return mounts;
  }

  private Instruction.Run.Network network(@Nullable Word word) {
    if (word == null) {
      return Instruction.Run.Network.DEFAULT;
    }
    return switch (word.text()) {
      case "default" -> Instruction.Run.Network.DEFAULT;
      case "none" -> Instruction.Run.Network.NONE;
      case "host" -> Instruction.Run.Network.HOST;
      case "isolated" -> Instruction.Run.Network.ISOLATED;
      default ->
          throw file.error(
              word.range(),
              "unknown network mode '"
                  + word.text()
                  + "' for RUN, want default, none, host or isolated"
                  + Suggestion.of(word.text(), NETWORKS));
    };
  }

  private boolean insecure(@Nullable Word word) {
    if (word == null) {
      return false;
    }
    return switch (word.text()) {
      case "sandbox" -> false;
      case "insecure" -> true;
      default ->
          throw file.error(
              word.range(),
              "unknown security mode '"
                  + word.text()
                  + "' for RUN, want sandbox or insecure"
                  + Suggestion.of(word.text(), List.of("sandbox", "insecure")));
    };
  }

  /** {@code name} or {@code name=vendor.com/class=device}, and {@code required}. */
  private List<Instruction.Run.Device> devices(Flags flags) {
    var devices = new ArrayList<Instruction.Run.Device>();
    for (Flag flag : flags.all("device")) {
      String name = "";
      boolean required = false;
      for (CommaList.Field field : MountFlag.fields(file, flag, flags.text(flag))) {
        if (field.text().equals("required")) {
          required = true;
        } else if (name.isEmpty()) {
          name = field.text().startsWith("name=") ? field.text().substring(5) : field.text();
        } else {
          throw file.error(
              flag.rawValue().range(), "unknown field '" + field.text() + "' in '--device'");
        }
      }
      if (name.isEmpty()) {
        throw file.error(flag.token().range(), "flag '--device' needs a device name");
      }
      devices.add(new Instruction.Run.Device(name, required));
    }
    return devices;
  }
}
