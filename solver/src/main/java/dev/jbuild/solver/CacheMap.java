package dev.jbuild.solver;

import dev.jbuild.oci.Digest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How an op's results are identified.
 *
 * @param digest of all that the op does, without its inputs
 * @param independent the same without the op's surroundings, such as its network: where this digest
 *     is equal, runs that proved themselves independent of them are as good as each other; null
 *     where there is nothing to leave out. Equal {@code digest}s have equal ones
 * @param inputs one per input of the vertex, in order
 * @param durable false when the digest is only good for this job (a local directory): its own
 *     records are not kept, but what is found below it by content is
 */
public record CacheMap(
    Digest digest, @Nullable Digest independent, List<InputKey> inputs, boolean durable) {
  public CacheMap {
    inputs = List.copyOf(inputs);
  }

  /** Of an op whose surroundings always matter, or that has none. */
  public CacheMap(Digest digest, List<InputKey> inputs, boolean durable) {
    this(digest, null, inputs, durable);
  }

  /**
   * How one input counts.
   *
   * @param selector the part of the input that matters, or empty for all of it. It says everything
   *     that changes what the digester sees (paths, patterns, how links are followed): within one
   *     evaluation, two inputs with the same result and the same selector are hashed once
   * @param content takes the digest of that part's content; null where only the input's identity
   *     counts
   */
  public record InputKey(String selector, @Nullable ContentDigester content) {
    public static final InputKey WHOLE = new InputKey("", null);
  }

  /** Hashes the part of a result that an op reads. */
  public interface ContentDigester {
    Digest digest(Result input) throws InterruptedException;
  }
}
