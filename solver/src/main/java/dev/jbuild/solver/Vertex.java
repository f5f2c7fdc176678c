package dev.jbuild.solver;

import dev.jbuild.error.Detail;
import dev.jbuild.oci.Digest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node of the build graph. Two vertices are equal when their digests are: comparing or printing
 * one never walks the graph, which may be thousands of vertices deep.
 *
 * @param digest identity within a job, progress and logs
 * @param inputs in the order that {@link Op#execute} gets their results
 * @param ignoreCache executed once in each job, without a look-up; its results are recorded
 * @param origin added to a failure of this vertex, innermost first: which vertex, where it is from
 */
public record Vertex(
    Digest digest,
    String name,
    Op op,
    List<Edge> inputs,
    boolean ignoreCache,
    List<Detail> origin) {

  public Vertex {
    inputs = List.copyOf(inputs);
    origin = List.copyOf(origin);
  }

  /** A vertex of which nothing more is known when it fails. */
  public Vertex(Digest digest, String name, Op op, List<Edge> inputs, boolean ignoreCache) {
    this(digest, name, op, inputs, ignoreCache, List.of());
  }

  /** Output {@code index} of this vertex. */
  public Edge output(int index) {
    return new Edge(this, index);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Vertex vertex && digest.equals(vertex.digest);
  }

  @Override
  public int hashCode() {
    return digest.hashCode();
  }

  @Override
  public String toString() {
    return name + " (" + digest + ")";
  }
}
