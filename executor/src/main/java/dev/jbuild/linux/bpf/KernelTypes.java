package dev.jbuild.linux.bpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds functions in the kernel's description of its own types, {@code /sys/kernel/btf/vmlinux}.
 * Source: the kernel's {@code Documentation/bpf/btf.rst}.
 */
public final class KernelTypes {
  private static final int MAGIC = 0xeb9f;
  private static final int HEADER_BYTES = 24;
  private static final int TYPE_BYTES = 12;
  private static final int KIND_SHIFT = 24;
  private static final int KIND_MASK = 0x1f;
  private static final int MEMBERS_MASK = 0xffff;
  private static final int FUNCTION = 12;
  private static final int NONE = -1;

  private KernelTypes() {}

  /**
   * Ids of functions, in the order of their names; 0 for one that is not there.
   *
   * @throws IllegalArgumentException when the bytes are not such a description
   */
  public static List<Integer> functions(byte[] description, List<String> names) {
    var bytes = ByteBuffer.wrap(description).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.limit() < HEADER_BYTES || (bytes.getShort(0) & 0xffff) != MAGIC) {
      throw new IllegalArgumentException("kernel types: want the mark eb9f at the start");
    }
    int header = bytes.getInt(4);
    long types = (long) header + bytes.getInt(8);
    long typesEnd = types + bytes.getInt(12);
    long strings = (long) header + bytes.getInt(16);
    long stringsEnd = strings + bytes.getInt(20);
    if (!isInside(types, typesEnd, bytes) || !isInside(strings, stringsEnd, bytes)) {
      throw new IllegalArgumentException("kernel types: a section lies outside of the file");
    }
    var places = new int[names.size()];
    for (int i = 0; i < places.length; i++) {
      places[i] = find(description, (int) strings, (int) stringsEnd, names.get(i));
    }
    var ids = new int[places.length];
    scan(bytes, (int) types, (int) typesEnd, places, ids);
    var found = new ArrayList<Integer>();
    for (int id : ids) {
      found.add(id);
    }
    return found;
  }

  private static boolean isInside(long start, long end, ByteBuffer bytes) {
    return HEADER_BYTES <= start && start <= end && end <= bytes.limit();
  }

  /** Offset of a string in its section, or {@link #NONE}. */
  private static int find(byte[] bytes, int start, int end, String name) {
    byte[] text = ('\0' + name + '\0').getBytes(StandardCharsets.US_ASCII);
    int last = text.length - 1;
    for (int at = start; at + last < end; ) {
      int length = 0;
      while (length < text.length && bytes[at + length] == text[length]) {
        length++;
      }
      if (length == text.length) {
        return at + 1 - start;
      }
      at++;
      while (at + last < end && bytes[at] != 0) {
        at++;
      }
    }
    return NONE;
  }

  private static void scan(ByteBuffer bytes, int start, int end, int[] places, int[] ids) {
    int at = start;
    for (int id = 1; at + TYPE_BYTES <= end; id++) {
      int info = bytes.getInt(at + 4);
      int kind = info >>> KIND_SHIFT & KIND_MASK;
      if (kind == FUNCTION) {
        int name = bytes.getInt(at);
        for (int i = 0; i < places.length; i++) {
          if (places[i] == name) {
            ids[i] = id;
          }
        }
      }
      at += TYPE_BYTES + more(kind, info & MEMBERS_MASK);
    }
  }

  /** Bytes behind a type of the kind. */
  private static int more(int kind, int members) {
    return switch (kind) {
      case 1, 14, 17 -> 4; // number, variable, tag of a declaration
      case 3 -> 12; // array
      case 4, 5, 15, 19 -> 12 * members; // structure, union, section, enumeration of 64 bits
      case 6, 13 -> 8 * members; // enumeration, prototype
      case 2, 7, 8, 9, 10, 11, 12, 16, 18 -> 0;
      default -> throw new IllegalArgumentException("kernel types: kind " + kind + " is not known");
    };
  }
}
