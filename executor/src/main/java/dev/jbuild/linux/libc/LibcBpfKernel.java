package dev.jbuild.linux.libc;

import static dev.jbuild.linux.libc.Machine.AT_FDCWD;
import static dev.jbuild.linux.libc.Machine.O_CLOEXEC;
import static dev.jbuild.linux.libc.Machine.O_RDONLY;

import dev.jbuild.linux.BpfKernel;
import dev.jbuild.linux.BpfProgram;
import dev.jbuild.linux.Descriptor;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.ErrnoException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The running kernel's programs and maps, by foreign function calls. Stateless. */
public final class LibcBpfKernel implements BpfKernel {
  private static final int MAP_CREATE = 0;
  private static final int MAP_LOOKUP_ELEM = 1;
  private static final int MAP_UPDATE_ELEM = 2;
  private static final int MAP_DELETE_ELEM = 3;
  private static final int PROG_LOAD = 5;
  private static final int MAP_LOOKUP_BATCH = 24;
  private static final int MAP_DELETE_BATCH = 27;
  private static final int LINK_CREATE = 28;

  /** Later kernels know longer ones; the rest is zero to them. */
  private static final int ATTRIBUTE_BYTES = 128;

  private static final int NAME_BYTES = 16;
  private static final int INSTRUCTION_BYTES = 8;
  private static final int LOG_BYTES = 64 * 1024;
  private static final int LOG_SHOWN = 600;
  private static final int BATCH = 512;
  private static final int FSOPEN_CLOEXEC = 1;
  private static final int FSMOUNT_CLOEXEC = 1;
  private static final int FSCONFIG_CMD_CREATE = 6;
  private static final int O_DIRECTORY = Machine.ARM64 ? 040000 : 0200000;
  private static final int MAX_MODULES = 64;

  @Override
  public BpfMap createMap(
      int type, String name, int keyBytes, int valueBytes, int maxEntries, int flags)
      throws IOException {
    try (var frame = new Frame(ATTRIBUTE_BYTES)) {
      var attribute = frame.space(ATTRIBUTE_BYTES);
      attribute.set(ValueLayout.JAVA_INT, 0, type);
      attribute.set(ValueLayout.JAVA_INT, 4, keyBytes);
      attribute.set(ValueLayout.JAVA_INT, 8, valueBytes);
      attribute.set(ValueLayout.JAVA_INT, 12, maxEntries);
      attribute.set(ValueLayout.JAVA_INT, 16, flags);
      name(attribute, 28, name);
      var descriptor = descriptor(frame, MAP_CREATE, attribute, "make bpf map " + name);
      return new BpfMap(descriptor, name, keyBytes, valueBytes, maxEntries);
    }
  }

  @Override
  public boolean lookUp(BpfMap map, byte[] key, byte[] value) throws IOException {
    check(map, key, value.length);
    try (var frame = new Frame(ATTRIBUTE_BYTES + key.length + value.length + 16L)) {
      var attribute = element(frame, map, key);
      var found = frame.space(value.length);
      attribute.set(ValueLayout.JAVA_LONG, 16, found.address());
      if (bpf(frame, MAP_LOOKUP_ELEM, attribute) < 0) {
        return absent(frame, "read bpf map " + map.name());
      }
      MemorySegment.copy(found, ValueLayout.JAVA_BYTE, 0, value, 0, value.length);
      return true;
    }
  }

  @Override
  public void update(BpfMap map, byte[] key, byte[] value) throws IOException {
    check(map, key, value.length);
    try (var frame = new Frame(ATTRIBUTE_BYTES + key.length + value.length + 16L)) {
      var attribute = element(frame, map, key);
      attribute.set(ValueLayout.JAVA_LONG, 16, frame.bytes(value));
      if (bpf(frame, MAP_UPDATE_ELEM, attribute) < 0) {
        throw frame.failure("set an entry of bpf map " + map.name());
      }
    }
  }

  @Override
  public boolean delete(BpfMap map, byte[] key) throws IOException {
    check(map, key, map.valueBytes());
    try (var frame = new Frame(ATTRIBUTE_BYTES + key.length + 16L)) {
      var attribute = element(frame, map, key);
      return bpf(frame, MAP_DELETE_ELEM, attribute) >= 0
          || absent(frame, "remove an entry of bpf map " + map.name());
    }
  }

  private static MemorySegment element(Frame frame, BpfMap map, byte[] key) {
    var attribute = frame.space(ATTRIBUTE_BYTES);
    attribute.set(ValueLayout.JAVA_INT, 0, map.descriptor().number());
    attribute.set(ValueLayout.JAVA_LONG, 8, frame.bytes(key));
    return attribute;
  }

  private static void check(BpfMap map, byte[] key, int valueBytes) {
    if (key.length != map.keyBytes() || valueBytes != map.valueBytes()) {
      throw new IllegalArgumentException(
          "bpf map " + map.name() + ": key of " + key.length + ", value of " + valueBytes);
    }
  }

  private static boolean absent(Frame frame, String what) throws IOException {
    if (frame.errno() == Errno.ENOENT) {
      return false;
    }
    throw frame.failure(what);
  }

  @Override
  public List<byte[]> entries(BpfMap map) throws IOException {
    int keyBytes = map.keyBytes();
    int valueBytes = map.valueBytes();
    var found = new ArrayList<byte[]>();
    int room = BATCH;
    // A bucket that does not fit wants more room; the whole map is the most that can be.
    while (true) {
      try (var frame = new Frame(ATTRIBUTE_BYTES + 32 + (keyBytes + valueBytes + 8L) * room)) {
        var attribute = frame.space(ATTRIBUTE_BYTES);
        var position = frame.space(8);
        var keys = frame.space((long) keyBytes * room);
        var values = frame.space((long) valueBytes * room);
        attribute.set(ValueLayout.JAVA_LONG, 8, position.address());
        attribute.set(ValueLayout.JAVA_LONG, 16, keys.address());
        attribute.set(ValueLayout.JAVA_LONG, 24, values.address());
        attribute.set(ValueLayout.JAVA_INT, 36, map.descriptor().number());
        found.clear();
        int errno;
        do {
          attribute.set(ValueLayout.JAVA_INT, 32, room);
          errno = bpf(frame, MAP_LOOKUP_BATCH, attribute) < 0 ? frame.errno() : 0;
          int count = attribute.get(ValueLayout.JAVA_INT, 32);
          if (errno == 0 || errno == Errno.ENOENT) {
            for (int i = 0; i < count; i++) {
              var entry = new byte[keyBytes + valueBytes];
              copy(keys, i, keyBytes, entry, 0);
              copy(values, i, valueBytes, entry, keyBytes);
              found.add(entry);
            }
          }
          attribute.set(ValueLayout.JAVA_LONG, 0, position.address());
        } while (errno == 0 && found.size() <= 2 * map.maxEntries());
        if (errno == Errno.ENOSPC && room < map.maxEntries()) {
          room *= 4;
        } else if (errno != 0 && errno != Errno.ENOENT) {
          throw frame.failure("read bpf map " + map.name());
        } else {
          return found;
        }
      }
    }
  }

  private static void copy(MemorySegment from, int index, int bytes, byte[] to, int offset) {
    MemorySegment.copy(from, ValueLayout.JAVA_BYTE, (long) index * bytes, to, offset, bytes);
  }

  @Override
  public void deleteAll(BpfMap map, List<byte[]> keys) throws IOException {
    int done = 0;
    while (done < keys.size()) {
      int count = Math.min(BATCH, keys.size() - done);
      try (var frame = new Frame(ATTRIBUTE_BYTES + (long) map.keyBytes() * count + 16)) {
        var attribute = frame.space(ATTRIBUTE_BYTES);
        var room = frame.space((long) map.keyBytes() * count);
        for (int i = 0; i < count; i++) {
          MemorySegment.copy(
              keys.get(done + i),
              0,
              room,
              ValueLayout.JAVA_BYTE,
              (long) i * map.keyBytes(),
              map.keyBytes());
        }
        attribute.set(ValueLayout.JAVA_LONG, 16, room.address());
        attribute.set(ValueLayout.JAVA_INT, 32, count);
        attribute.set(ValueLayout.JAVA_INT, 36, map.descriptor().number());
        if (bpf(frame, MAP_DELETE_BATCH, attribute) >= 0) {
          done += count;
        } else {
          absent(frame, "remove entries of bpf map " + map.name());
          // It stopped at one that is not there.
          done += attribute.get(ValueLayout.JAVA_INT, 32) + 1;
        }
      }
    }
  }

  @Override
  public Descriptor load(BpfProgram program) throws IOException {
    var code = program.instructions();
    var instructions = new byte[code.remaining()];
    code.get(instructions);
    try (var frame = new Frame(ATTRIBUTE_BYTES + instructions.length + 64L)) {
      var attribute = frame.space(ATTRIBUTE_BYTES);
      attribute.set(ValueLayout.JAVA_INT, 0, program.type());
      attribute.set(ValueLayout.JAVA_INT, 4, instructions.length / INSTRUCTION_BYTES);
      attribute.set(ValueLayout.JAVA_LONG, 8, frame.bytes(instructions));
      attribute.set(ValueLayout.JAVA_LONG, 16, frame.string(program.license()));
      name(attribute, 48, program.name());
      attribute.set(ValueLayout.JAVA_INT, 68, program.attachType());
      attribute.set(ValueLayout.JAVA_INT, 108, program.typeId());
      long loaded = bpf(frame, PROG_LOAD, attribute);
      if (loaded >= 0) {
        return new OpenDescriptor((int) loaded);
      }
      String what = "load bpf program " + program.name();
      int errno = frame.errno();
      throw new ErrnoException(what + log(frame, attribute), errno);
    }
  }

  /** Asks again for the reason: a log costs too much to ask for it always. */
  private static String log(Frame frame, MemorySegment attribute) {
    var log = frame.space(LOG_BYTES);
    attribute.set(ValueLayout.JAVA_INT, 24, 1);
    attribute.set(ValueLayout.JAVA_INT, 28, LOG_BYTES);
    attribute.set(ValueLayout.JAVA_LONG, 32, log.address());
    long again = bpf(frame, PROG_LOAD, attribute);
    if (again >= 0) {
      new OpenDescriptor((int) again).close();
    }
    String text = log.getString(0, StandardCharsets.UTF_8).strip();
    if (text.isEmpty()) {
      return "";
    }
    int start = Math.max(0, text.length() - LOG_SHOWN);
    return ", verifier: " + text.substring(start).replace('\n', '|');
  }

  @Override
  public Descriptor attach(Descriptor program, Descriptor group, int attachType)
      throws IOException {
    try (var frame = new Frame(ATTRIBUTE_BYTES)) {
      var attribute = frame.space(ATTRIBUTE_BYTES);
      attribute.set(ValueLayout.JAVA_INT, 0, program.number());
      attribute.set(ValueLayout.JAVA_INT, 4, group.number());
      attribute.set(ValueLayout.JAVA_INT, 8, attachType);
      return descriptor(frame, LINK_CREATE, attribute, "attach a bpf program to a control group");
    }
  }

  @Override
  public Descriptor openGroup(Path directory) throws IOException {
    try (var frame = Frame.forPath(directory, 0)) {
      long opened =
          frame.call(
              Syscall.OPENAT,
              AT_FDCWD,
              frame.path(directory),
              O_RDONLY | O_CLOEXEC | O_DIRECTORY,
              0);
      if (opened < 0) {
        throw frame.failure("open control group " + directory);
      }
      return new OpenDescriptor((int) opened);
    }
  }

  @Override
  public Descriptor mountGroups() throws IOException {
    try (var frame = new Frame(64)) {
      long opened = frame.call(Syscall.FSOPEN, frame.string("cgroup2"), FSOPEN_CLOEXEC);
      if (opened < 0) {
        throw frame.failure("fsopen cgroup2");
      }
      var context = new OpenDescriptor((int) opened);
      try {
        long created = frame.call(Syscall.FSCONFIG, context.number(), FSCONFIG_CMD_CREATE, 0, 0, 0);
        if (created < 0) {
          throw frame.failure("fsconfig cgroup2");
        }
        long mounted = frame.call(Syscall.FSMOUNT, context.number(), FSMOUNT_CLOEXEC, 0);
        if (mounted < 0) {
          throw frame.failure("fsmount cgroup2");
        }
        return new OpenDescriptor((int) mounted);
      } finally {
        context.close();
      }
    }
  }

  @Override
  public boolean securityModule(long id) throws IOException {
    try (var frame = new Frame(8L * MAX_MODULES + 16)) {
      var ids = frame.space(8L * MAX_MODULES);
      var size = frame.space(4);
      size.set(ValueLayout.JAVA_INT, 0, 8 * MAX_MODULES);
      long count = frame.call(Syscall.LSM_LIST_MODULES, ids.address(), size.address(), 0);
      if (count < 0) {
        throw frame.failure("list security modules");
      }
      for (int i = 0; i < count; i++) {
        if (ids.getAtIndex(ValueLayout.JAVA_LONG, i) == id) {
          return true;
        }
      }
      return false;
    }
  }

  private static void name(MemorySegment attribute, int offset, String name) {
    byte[] text = name.getBytes(StandardCharsets.US_ASCII);
    if (text.length >= NAME_BYTES) {
      throw new IllegalArgumentException("bpf name: want up to 15 characters, got '" + name + "'");
    }
    MemorySegment.copy(text, 0, attribute, ValueLayout.JAVA_BYTE, offset, text.length);
  }

  private static Descriptor descriptor(
      Frame frame, int command, MemorySegment attribute, String what) throws IOException {
    long made = bpf(frame, command, attribute);
    if (made < 0) {
      throw frame.failure(what);
    }
    return new OpenDescriptor((int) made);
  }

  private static long bpf(Frame frame, int command, MemorySegment attribute) {
    return frame.call(Syscall.BPF, command, attribute.address(), ATTRIBUTE_BYTES);
  }
}
