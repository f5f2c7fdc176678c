package dev.jbuild.linux.bpf;

/** How many bytes a load or store moves. */
public enum Width {
  WORD(0x00, 4),
  HALF(0x08, 2),
  BYTE(0x10, 1),
  DOUBLE(0x18, 8);

  private final int code;
  private final int bytes;

  Width(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  int code() {
    return code;
  }

  /** Its size in bytes. */
  public int bytes() {
    return bytes;
  }
}
