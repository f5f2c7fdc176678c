package dev.jbuild.llb;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.Platform;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A marshalled graph, read: every op with the bytes it was received as, inputs before their users,
 * duplicates removed. The digest of an op is taken over those bytes. Source: {@code pb.Definition};
 * decision 9 of the blueprint.
 *
 * @param ops may be empty: the result is then scratch
 * @param result the edge that the last entry names; null exactly when {@code ops} is empty
 */
public record Definition(List<EncodedOp> ops, @Nullable OpRef result) {

  public static final Definition SCRATCH = new Definition(List.of(), null);

  public Definition {
    ops = List.copyOf(ops);
    if (ops.isEmpty() != (result == null)) {
      throw new IllegalArgumentException(
          "definition: a result is named exactly when there are ops");
    }
  }

  /** An output of an op, by digest. */
  public record OpRef(Digest digest, int index) {}

  /** One op as received. */
  public record EncodedOp(
      Digest digest,
      Bytes bytes,
      LlbOp op,
      List<OpRef> inputs,
      @Nullable Platform platform,
      OpMetadata metadata,
      List<SourceLocation> locations) {
    public EncodedOp {
      inputs = List.copyOf(inputs);
      locations = List.copyOf(locations);
    }

    /** The name users see. */
    public String displayName() {
      String custom = metadata.description().get(OpMetadata.CUSTOM_NAME);
      return custom == null ? op.describe() : custom;
    }
  }
}
