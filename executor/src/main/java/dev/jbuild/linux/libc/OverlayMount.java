package dev.jbuild.linux.libc;

import static dev.jbuild.linux.libc.Machine.AT_FDCWD;

import dev.jbuild.linux.Descriptor;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.ErrnoException;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Mounts one overlay. Source: fsopen(2), fsconfig(2), the kernel's overlayfs.rst. */
final class OverlayMount {
  private static final int FSOPEN_CLOEXEC = 1;
  private static final int FSMOUNT_CLOEXEC = 1;
  private static final int FSCONFIG_SET_FLAG = 0;
  private static final int FSCONFIG_SET_STRING = 1;
  private static final int FSCONFIG_CMD_CREATE = 6;
  private static final int MOVE_MOUNT_F_EMPTY_PATH = 4;

  /** {@code fsconfig} refuses longer strings. */
  private static final int MAX_STRING_BYTES = 255;

  /** {@code mount(2)} cuts longer options without a word. */
  private static final int MAX_OPTION_BYTES = 4095;

  private static final int MAX_MESSAGE_BYTES = 512;

  private final LibcKernel kernel;
  private final List<Path> lowers;
  private final @Nullable Path upper;
  private final @Nullable Path work;
  private final List<String> options;
  private final Path target;

  OverlayMount(
      LibcKernel kernel,
      List<Path> lowers,
      @Nullable Path upper,
      @Nullable Path work,
      List<String> options,
      Path target) {
    if (lowers.isEmpty() || (upper == null) != (work == null)) {
      throw new IllegalArgumentException(
          "overlay: want at least one lower, and upper and work together or neither, got lowers "
              + lowers
              + ", upper "
              + upper
              + ", work "
              + work);
    }
    this.kernel = kernel;
    this.lowers = List.copyOf(lowers);
    this.upper = upper;
    this.work = work;
    this.options = List.copyOf(options);
    this.target = target;
  }

  void mount() throws IOException {
    if (!mountByContext()) {
      mountByOptionPage();
    }
  }

  /**
   * False when this kernel has no {@code fsopen} or no {@code lowerdir+}; nothing was done then.
   */
  private boolean mountByContext() throws IOException {
    var held = new ArrayList<Descriptor>();
    try (var frame = new Frame(1024)) {
      long opened = frame.call(Syscall.FSOPEN, frame.string("overlay"), FSOPEN_CLOEXEC);
      if (opened < 0) {
        if (frame.errno() == Errno.ENOSYS) {
          return false;
        }
        throw frame.failure("fsopen overlay");
      }
      var context = new OpenDescriptor((int) opened);
      held.add(context);
      boolean first = true;
      for (Path lower : lowers) {
        int errno = setString(context, "lowerdir+", pathOf(lower, held));
        if (errno == Errno.EINVAL && first) {
          return false;
        }
        check(context, errno, "lower " + lower);
        first = false;
      }
      if (upper != null && work != null) {
        check(context, setString(context, "upperdir", pathOf(upper, held)), "upper " + upper);
        check(context, setString(context, "workdir", pathOf(work, held)), "work " + work);
      }
      for (String option : options) {
        check(context, setOption(context, option), "option " + option);
      }
      create(frame, context, held);
      return true;
    } finally {
      held.forEach(Descriptor::close);
    }
  }

  private void create(Frame frame, OpenDescriptor context, List<Descriptor> held)
      throws IOException {
    long created = frame.call(Syscall.FSCONFIG, context.number(), FSCONFIG_CMD_CREATE, 0, 0, 0);
    check(context, created < 0 ? frame.errno() : 0, "of " + lowers.size() + " layers");
    long mounted = frame.call(Syscall.FSMOUNT, context.number(), FSMOUNT_CLOEXEC, 0);
    check(context, mounted < 0 ? frame.errno() : 0, "of " + lowers.size() + " layers");
    held.add(new OpenDescriptor((int) mounted));
    long moved =
        frame.call(
            Syscall.MOVE_MOUNT,
            mounted,
            frame.string(""),
            AT_FDCWD,
            frame.path(target),
            MOVE_MOUNT_F_EMPTY_PATH);
    check(context, moved < 0 ? frame.errno() : 0, "at its place");
  }

  private int setString(OpenDescriptor context, String key, String value) {
    try (var frame = new Frame(640)) {
      long set =
          frame.call(
              Syscall.FSCONFIG,
              context.number(),
              FSCONFIG_SET_STRING,
              frame.string(key),
              frame.string(value),
              0);
      return set < 0 ? frame.errno() : 0;
    }
  }

  private int setOption(OpenDescriptor context, String option) {
    int equals = option.indexOf('=');
    if (equals >= 0) {
      return setString(context, option.substring(0, equals), option.substring(equals + 1));
    }
    try (var frame = new Frame(128)) {
      long set =
          frame.call(
              Syscall.FSCONFIG, context.number(), FSCONFIG_SET_FLAG, frame.string(option), 0, 0);
      return set < 0 ? frame.errno() : 0;
    }
  }

  /**
   * The path, or where it is too long for a string or has characters that some kernels take for
   * separators, a short name of its descriptor.
   */
  private String pathOf(Path path, List<Descriptor> held) throws IOException {
    String text = path.toString();
    if (text.getBytes(StandardCharsets.UTF_8).length <= MAX_STRING_BYTES
        && text.indexOf(':') < 0
        && text.indexOf(',') < 0
        && text.indexOf('\\') < 0) {
      return text;
    }
    var descriptor = kernel.openPath(path);
    held.add(descriptor);
    return "/proc/self/fd/" + descriptor.number();
  }

  private void check(OpenDescriptor context, int errno, String part) throws ErrnoException {
    if (errno != 0) {
      String said = message(context);
      throw new ErrnoException(
          "mount overlay on " + target + ", " + part + (said.isEmpty() ? "" : " (" + said + ")"),
          errno);
    }
  }

  /** What the kernel has to say about the last failure, {@code overlay: ...}, or nothing. */
  private static String message(OpenDescriptor context) {
    try (var frame = new Frame(MAX_MESSAGE_BYTES)) {
      var buffer = frame.space(MAX_MESSAGE_BYTES);
      long length = frame.call(Syscall.READ, context.number(), buffer.address(), MAX_MESSAGE_BYTES);
      if (length <= 2) {
        return "";
      }
      byte[] text = buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
      // "e ", "w " or "i " and the text.
      return new String(text, StandardCharsets.UTF_8).substring(2).strip();
    }
  }

  private void mountByOptionPage() throws IOException {
    var all = new StringJoiner(",");
    var lowerList = new StringJoiner(":");
    lowers.forEach(lower -> lowerList.add(escaped(lower).replace(":", "\\:")));
    all.add("lowerdir=" + lowerList);
    if (upper != null && work != null) {
      all.add("upperdir=" + escaped(upper)).add("workdir=" + escaped(work));
    }
    options.forEach(all::add);
    String data = all.toString();
    if (data.getBytes(StandardCharsets.UTF_8).length > MAX_OPTION_BYTES) {
      throw new IOException(
          "mount overlay on "
              + target
              + ": "
              + lowers.size()
              + " layers need more than the 4096 bytes of options that this kernel takes;"
              + " Linux 6.7 or later has no such limit");
    }
    kernel.mount("overlay", target, "overlay", 0, data);
  }

  private static String escaped(Path path) {
    return path.toString().replace("\\", "\\\\").replace(",", "\\,");
  }
}
