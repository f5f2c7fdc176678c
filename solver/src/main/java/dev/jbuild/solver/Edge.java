package dev.jbuild.solver;

/** One output of a vertex, 0-based. */
public record Edge(Vertex vertex, int index) {
  public Edge {
    if (index < 0) {
      throw new IllegalArgumentException("edge: want an output index of 0 or more, got " + index);
    }
  }
}
