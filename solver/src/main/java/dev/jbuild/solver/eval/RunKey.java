package dev.jbuild.solver.eval;

import dev.jbuild.oci.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Identity of one run of an op on its inputs; the ids of its outputs derive from it. All fields are
 * hashed with their length, so no two different runs hash the same bytes.
 *
 * @param durable false when something in it is only good within one job
 */
record RunKey(Digest digest, boolean durable) {

  /**
   * The key of a run of an op on these inputs.
   *
   * @param scope the job that the op's digest is only good in, or empty
   * @param content whether inputs count by content where that was taken
   */
  static RunKey of(Digest op, List<InputId> inputs, String scope, boolean content) {
    MessageDigest hash = Digest.sha256();
    boolean durable = scope.isEmpty();
    add(hash, durable ? "jbuild.run" : "jbuild.run in " + scope);
    add(hash, op.hex());
    for (InputId input : inputs) {
      @Nullable Digest taken = content ? input.content() : null;
      if (taken == null) {
        add(hash, "id");
        add(hash, input.id().digest().hex());
        add(hash, input.selector());
        durable = durable && input.id().durable();
      } else {
        add(hash, "content"); // the same content elsewhere in the input is as good: no selector
        add(hash, taken.hex());
      }
    }
    return new RunKey(Digest.ofHash(hash.digest()), durable);
  }

  /** The id of an output, 0-based. */
  CacheId output(int index) {
    MessageDigest hash = Digest.sha256();
    add(hash, "jbuild.output");
    add(hash, digest.hex());
    add(hash, Integer.toString(index));
    return new CacheId(Digest.ofHash(hash.digest()), durable);
  }

  /**
   * The id of an output that was made without regard to what the cache has: what was built on an
   * older result of the same run is not built on this one.
   */
  CacheId freshOutput(int index, String resultId) {
    MessageDigest hash = Digest.sha256();
    add(hash, "jbuild.fresh");
    add(hash, output(index).digest().hex());
    add(hash, resultId);
    return new CacheId(Digest.ofHash(hash.digest()), durable);
  }

  private static void add(MessageDigest hash, String field) {
    byte[] bytes = field.getBytes(StandardCharsets.UTF_8);
    hash.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
    hash.update(bytes);
  }
}
