package dev.jbuild.solver.cache;

import dev.jbuild.oci.Digest;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One result that an earlier run made, and what it was made from.
 *
 * @param id the canonical id: what is built on this result takes it into its own id
 * @param op digest of the op without its inputs
 * @param output 0-based
 * @param inputs in the op's order
 * @param resultId under which the result store has it
 * @param created whole milliseconds count
 * @param name of the vertex, as users saw it
 */
public record CacheRecord(
    Digest id,
    Digest op,
    int output,
    List<Input> inputs,
    String resultId,
    Instant created,
    String name) {
  public CacheRecord {
    inputs = List.copyOf(inputs);
  }

  /**
   * A link to what the result was made from; id or content is there.
   *
   * @param id canonical id of the input; null when it was only good for one job
   * @param selector the part that mattered, or empty
   * @param content digest of that part's content, where it was taken
   */
  public record Input(@Nullable Digest id, String selector, @Nullable Digest content) {}
}
