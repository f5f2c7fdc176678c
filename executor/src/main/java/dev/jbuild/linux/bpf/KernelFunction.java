package dev.jbuild.linux.bpf;

/** Functions of the kernel that programs call. Source: bpf-helpers(7). */
public enum KernelFunction {
  MAP_LOOKUP_ELEM(1),
  MAP_UPDATE_ELEM(2),
  SKB_LOAD_BYTES(26),
  SKB_ANCESTOR_CGROUP_ID(83),
  GET_CURRENT_ANCESTOR_CGROUP_ID(123);

  private final int number;

  KernelFunction(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }
}
