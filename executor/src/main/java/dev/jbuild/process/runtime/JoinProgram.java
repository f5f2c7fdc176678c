package dev.jbuild.process.runtime;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What stands before a runtime's command so that it starts in a control group of version 2. A shell
 * can do it, but to load one takes 0.7 ms, a twelfth of a step; a program of three hundred bytes
 * that does nothing else takes 0.03 ms. So on x86-64 that is written into the run directory, and
 * the shell is for all else: other machines, and run directories that nothing can be executed from.
 *
 * <p>Where the group takes single threads, the one thread moves itself, which needs no lock of the
 * whole machine; else the process moves.
 */
final class JoinProgram {
  private static final System.Logger LOG = System.getLogger(JoinProgram.class.getName());
  private static final String MESSAGE =
      "jbuild: the step's control group can not be joined, or its runtime not be started\n";

  /**
   * Arguments: two files, of which the first that takes a "0" is enough, and the command. Only
   * system calls, by numbers of x86-64: open 2, write 1, execve 59, exit 60. Ends with 125 when it
   * comes to its end.
   */
  private static final List<String> CODE =
      List.of(
          "48 89 e3", //                mov rbx, rsp         number of arguments, then they
          "41 bc 02 00 00 00", //       mov r12d, 2          the first file's place
          "4a 8b 3c e3", //      again: mov rdi, [rbx+r12*8]
          "be 01 00 08 00", //          mov esi, O_WRONLY|O_CLOEXEC
          "b8 02 00 00 00 0f 05", //    open
          "85 c0 78 19", //             test eax, eax; js next
          "89 c7", //                   mov edi, eax
          "48 8d 35 55 00 00 00", //    lea rsi, [rip+zero]
          "ba 01 00 00 00", //          mov edx, 1
          "b8 01 00 00 00 0f 05", //    write
          "85 c0 79 0b", //             test eax, eax; jns run
          "41 ff c4", //          next: inc r12d
          "41 83 fc 04 72 ca", //       cmp r12d, 4; jb again
          "eb 16", //                   jmp fail
          "48 8d 73 20", //        run: lea rsi, [rbx+32]    the command's arguments
          "48 8b 3e", //                mov rdi, [rsi]
          "48 8b 03", //                mov rax, [rbx]
          "48 8d 54 c3 10", //          lea rdx, [rbx+rax*8+16]   the environment
          "b8 3b 00 00 00 0f 05", //    execve
          "bf 02 00 00 00", //    fail: mov edi, 2
          "48 8d 35 19 00 00 00", //    lea rsi, [rip+message]
          "ba 52 00 00 00", //          mov edx, 82          length of the message
          "b8 01 00 00 00 0f 05", //    write
          "bf 7d 00 00 00", //          mov edi, 125
          "b8 3c 00 00 00 0f 05", //    exit
          "30"); //               zero: "0"                  then the message

  private static final int HEADERS_BYTES = 64 + 56;
  private static final long ADDRESS = 0x400000;

  private final @Nullable Path program;

  private JoinProgram(@Nullable Path program) {
    this.program = program;
  }

  /** Writes the program, where it can run, next to what the runtime is started from. */
  static JoinProgram prepare(Path runDirectory) {
    String machine = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    if (!machine.equals("amd64") && !machine.equals("x86_64")) {
      return new JoinProgram(null);
    }
    var file = runDirectory.resolve(RuntimeBinary.PLACE).resolve("join");
    try {
      Files.createDirectories(runDirectory.resolve(RuntimeBinary.PLACE));
      Files.deleteIfExists(file);
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Files.write(file, image());
      return new JoinProgram(file);
    } catch (IOException refused) {
      LOG.log(
          System.Logger.Level.INFO,
          "a shell puts steps into their groups, each takes about 0.7 ms longer: {0}",
          refused.getMessage());
      return new JoinProgram(null);
    }
  }

  /** The words before the command; {@link #byShell} when they cannot be executed. */
  List<String> before(Path group) {
    return program == null
        ? byShell(group)
        : List.of(
            program.toString(),
            group.resolve("cgroup.threads").toString(),
            group.resolve("cgroup.procs").toString());
  }

  /** The same with a shell. */
  static List<String> byShell(Path group) {
    return List.of(
        "/bin/sh",
        "-c",
        "{ echo 0 >\"$1/cgroup.threads\" || echo 0 >\"$1/cgroup.procs\"; } 2>/dev/null ||"
            + " { printf '%s' \"$2\" >&2; exit 125; }; shift 2; exec \"$@\"",
        "jbuild-step",
        group.toString(),
        MESSAGE);
  }

  /** An executable of one segment. Source: System V ABI, chapters 4 and 5; AMD64 supplement. */
  static byte[] image() {
    byte[] instructions = HexFormat.ofDelimiter(" ").parseHex(String.join(" ", CODE));
    byte[] message = MESSAGE.getBytes(StandardCharsets.US_ASCII);
    int bytes = HEADERS_BYTES + instructions.length + message.length;
    var image = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    image.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0}).putLong(0); // 64 bits, little-endian
    image.putShort((short) 2).putShort((short) 62).putInt(1); // executable, x86-64
    image.putLong(ADDRESS + HEADERS_BYTES).putLong(64).putLong(0); // entry, segments, sections
    image.putInt(0).putShort((short) 64).putShort((short) 56).putShort((short) 1);
    image.putShort((short) 0).putShort((short) 0).putShort((short) 0);
    image.putInt(1).putInt(5).putLong(0); // to be loaded, to be read and executed, from the start
    image.putLong(ADDRESS).putLong(ADDRESS).putLong(bytes).putLong(bytes).putLong(0x1000);
    return image.put(instructions).put(message).array();
  }
}
