package dev.jbuild.solver;

import dev.jbuild.oci.Digest;
import java.util.List;

/**
 * A node of the build graph.
 *
 * @param digest identity within progress and logs; equal digests are the same vertex
 * @param inputs in the order that {@link Op#execute} gets their results
 */
public record Vertex(Digest digest, String name, Op op, List<Edge> inputs, boolean ignoreCache) {
  public Vertex {
    inputs = List.copyOf(inputs);
  }

  /** Output {@code index} of this vertex. */
  public Edge output(int index) {
    return new Edge(this, index);
  }
}
