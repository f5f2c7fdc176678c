package dev.jbuild.solver.progress;

/** Where a running vertex reports. Safe for use by several threads; never blocks for long. */
public interface VertexProgress {

  /** Output of the step's process. The array is copied. */
  void log(Stream stream, byte[] bytes, int offset, int length);

  /**
   * Sub-progress, keyed by id within the vertex.
   *
   * @param current bytes or items done
   * @param total 0 when not known
   * @param done whether this piece of work has ended
   */
  void status(String id, long current, long total, boolean done);

  /** Numbers as on the wire. */
  enum Stream {
    STDOUT(1),
    STDERR(2);

    private final int number;

    Stream(int number) {
      this.number = number;
    }

    public int number() {
      return number;
    }
  }
}
