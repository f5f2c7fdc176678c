package dev.jbuild.linux;

import java.nio.ByteBuffer;

/**
 * A program for the kernel's own machine, as {@code bpf(2)} takes it.
 *
 * @param name up to 15 letters, digits and underscores; shown by tools
 * @param type {@code BPF_PROG_TYPE_...}
 * @param attachType {@code BPF_CGROUP_...}, {@code BPF_LSM_CGROUP}
 * @param typeId of the kernel function it is about, 0 where there is none
 * @param license as {@code MODULE_LICENSE} takes it; some helpers and hooks want the GPL
 * @param instructions eight bytes each
 */
public record BpfProgram(
    String name, int type, int attachType, int typeId, String license, ByteBuffer instructions) {
  public BpfProgram {
    instructions = instructions.asReadOnlyBuffer();
  }

  @Override
  public ByteBuffer instructions() {
    return instructions.duplicate();
  }
}
