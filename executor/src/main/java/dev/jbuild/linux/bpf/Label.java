package dev.jbuild.linux.bpf;

/** A place in one program that jumps lead to. Used by one thread. */
public final class Label {
  private static final int UNBOUND = -1;

  private int place = UNBOUND;

  void bind(int index) {
    if (place != UNBOUND) {
      throw new IllegalStateException("label: already at " + place);
    }
    place = index;
  }

  int place() {
    if (place == UNBOUND) {
      throw new IllegalStateException("label: a jump leads to it, but it is nowhere");
    }
    return place;
  }
}
