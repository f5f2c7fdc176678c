package dev.jbuild.process.seccomp;

import dev.jbuild.process.spec.SeccompProfile;
import dev.jbuild.process.spec.SeccompProfile.Rule;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code libseccomp.so.2} through foreign functions. Loaded only when a filter has to be compiled:
 * about 0.1 s. Source: seccomp.h of libseccomp 2.5, and its manual pages.
 */
final class LibSeccomp {
  private static final int ACTION_ERRNO = 0x00050000;
  private static final int ACTION_ALLOW = 0x7fff0000;
  private static final int ATTRIBUTE_OPTIMIZE = 8;
  private static final int BINARY_TREE = 2;
  private static final int NO_SUCH_NAME = -1;
  private static final long COMPARISON_BYTES = 24;

  private final MethodHandle init;
  private final MethodHandle release;
  private final MethodHandle setAttribute;
  private final MethodHandle addArchitecture;
  private final MethodHandle resolve;
  private final MethodHandle addRule;
  private final MethodHandle export;
  private final MethodHandle create;
  private final MethodHandle close;

  /**
   * @throws IllegalArgumentException when the machine has no such library
   */
  @SuppressWarnings("restricted") // the virtual machine is started with --enable-native-access
  LibSeccomp() {
    var library = SymbolLookup.libraryLookup("libseccomp.so.2", Arena.global());
    var integer = ValueLayout.JAVA_INT;
    var address = ValueLayout.ADDRESS;
    init = call(library, "seccomp_init", FunctionDescriptor.of(address, integer));
    release = call(library, "seccomp_release", FunctionDescriptor.ofVoid(address));
    setAttribute =
        call(
            library, "seccomp_attr_set", FunctionDescriptor.of(integer, address, integer, integer));
    addArchitecture =
        call(library, "seccomp_arch_add", FunctionDescriptor.of(integer, address, integer));
    resolve =
        call(
            library,
            "seccomp_syscall_resolve_name_arch",
            FunctionDescriptor.of(integer, integer, address));
    addRule =
        call(
            library,
            "seccomp_rule_add_array",
            FunctionDescriptor.of(integer, address, integer, integer, integer, address));
    export = call(library, "seccomp_export_bpf", FunctionDescriptor.of(integer, address, integer));
    var libc = Linker.nativeLinker().defaultLookup();
    create = call(libc, "creat", FunctionDescriptor.of(integer, address, integer));
    close = call(libc, "close", FunctionDescriptor.of(integer, integer));
  }

  @SuppressWarnings("restricted")
  private static MethodHandle call(SymbolLookup library, String name, FunctionDescriptor shape) {
    MemorySegment symbol =
        library
            .find(name)
            .orElseThrow(() -> new IllegalArgumentException("libseccomp: no function " + name));
    return Linker.nativeLinker().downcallHandle(symbol, shape);
  }

  /** Compiles a profile into a file of raw BPF instructions, 8 bytes each. */
  void compile(SeccompProfile profile, Path target) throws IOException {
    try (var arena = Arena.ofConfined()) {
      var filter = (MemorySegment) init.invokeExact(ACTION_ERRNO | profile.defaultErrno());
      if (filter.equals(MemorySegment.NULL)) {
        throw new IOException("libseccomp: seccomp_init gave nothing");
      }
      try {
        fill(arena, filter, profile);
        int file = (int) create.invokeExact(arena.allocateFrom(target.toString()), 0600);
        if (file < 0) {
          throw new IOException("libseccomp: cannot write " + target);
        }
        try {
          check("seccomp_export_bpf", (int) export.invokeExact(filter, file));
        } finally {
          int ignored = (int) close.invokeExact(file);
        }
      } finally {
        release.invokeExact(filter);
      }
    } catch (IOException | RuntimeException | Error failure) {
      throw failure;
    } catch (Throwable failure) {
      throw new IllegalStateException(failure);
    }
  }

  private void fill(Arena arena, MemorySegment filter, SeccompProfile profile) throws Throwable {
    // Older than 2.5 knows no such attribute: a linear filter is slower, not wrong.
    int ignored = (int) setAttribute.invokeExact(filter, ATTRIBUTE_OPTIMIZE, BINARY_TREE);
    var native0 = Architecture.of(profile.architectures().getFirst());
    for (String name : profile.architectures().subList(1, profile.architectures().size())) {
      check(
          "seccomp_arch_add " + name,
          (int) addArchitecture.invokeExact(filter, Architecture.of(name).token()));
    }
    for (Rule rule : profile.rules()) {
      int action = rule.errno() == 0 ? ACTION_ALLOW : ACTION_ERRNO | rule.errno();
      var conditions = conditions(arena, rule);
      for (String name : rule.names()) {
        int number = number(arena, native0, name);
        if (number != NO_SUCH_NAME) {
          int count = rule.conditions().size();
          int result = (int) addRule.invokeExact(filter, action, number, count, conditions);
          check("seccomp_rule_add " + name, result);
        }
      }
    }
  }

  private static MemorySegment conditions(Arena arena, Rule rule) {
    var array = arena.allocate(COMPARISON_BYTES * Math.max(1, rule.conditions().size()), 8);
    long at = 0;
    for (var condition : rule.conditions()) {
      array.set(ValueLayout.JAVA_INT, at, condition.argument());
      array.set(ValueLayout.JAVA_INT, at + 4, condition.comparison().number());
      array.set(ValueLayout.JAVA_LONG, at + 8, condition.value());
      array.set(ValueLayout.JAVA_LONG, at + 16, condition.second());
      at += COMPARISON_BYTES;
    }
    return array;
  }

  /**
   * The highest number that a profile's names have per architecture, for those whose numbers start
   * at 0.
   */
  List<NewestCall> newestCalls(SeccompProfile profile) {
    var newest = new ArrayList<NewestCall>();
    try (var arena = Arena.ofConfined()) {
      for (String name : profile.architectures()) {
        var architecture = Architecture.of(name);
        if (!architecture.numbersFromZero()) {
          continue;
        }
        int highest = 0;
        for (Rule rule : profile.rules()) {
          for (String call : rule.names()) {
            highest = Math.max(highest, number(arena, architecture, call));
          }
        }
        newest.add(new NewestCall(architecture.token(), highest));
      }
    } catch (RuntimeException | Error failure) {
      throw failure;
    } catch (Throwable failure) {
      throw new IllegalStateException(failure);
    }
    return newest;
  }

  private int number(Arena arena, Architecture architecture, String name) throws Throwable {
    return (int) resolve.invokeExact(architecture.token(), arena.allocateFrom(name));
  }

  private static void check(String what, int result) throws IOException {
    if (result < 0) {
      throw new IOException("libseccomp: " + what + " failed with " + result);
    }
  }

  /** {@code AUDIT_ARCH_*} of linux/audit.h, which libseccomp takes as token. */
  private record Architecture(int token, boolean numbersFromZero) {
    static Architecture of(String name) {
      return switch (name) {
        case "SCMP_ARCH_X86_64" -> new Architecture(0xc000003e, true);
        case "SCMP_ARCH_X86" -> new Architecture(0x40000003, true);
        case "SCMP_ARCH_X32" -> new Architecture(0x4000003e, false);
        case "SCMP_ARCH_AARCH64" -> new Architecture(0xc00000b7, true);
        case "SCMP_ARCH_ARM" -> new Architecture(0x40000028, false);
        case "SCMP_ARCH_RISCV64" -> new Architecture(0xc00000f3, true);
        case "SCMP_ARCH_PPC64LE" -> new Architecture(0xc0000015, true);
        default -> throw new IllegalArgumentException("seccomp: unknown architecture " + name);
      };
    }
  }
}
