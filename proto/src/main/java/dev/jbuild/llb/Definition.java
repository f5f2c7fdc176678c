package dev.jbuild.llb;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.Platform;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  /** The graph as nodes that keep their bytes; null for scratch. Linear, not recursive. */
  public OpNode.@Nullable Output toGraph() {
    return toGraph(Map.of());
  }

  /**
   * The same with other ops in the place of some, by their digests; of those the bytes are not
   * kept.
   */
  public OpNode.@Nullable Output toGraph(Map<Digest, ? extends LlbOp> others) {
    if (result == null) {
      return null;
    }
    var nodes = new HashMap<Digest, OpNode>();
    for (EncodedOp op : ops) {
      var inputs = new ArrayList<OpNode.Output>();
      for (OpRef input : op.inputs) {
        inputs.add(output(nodes, input));
      }
      LlbOp other = others.get(op.digest);
      nodes.put(
          op.digest,
          other == null
              ? new OpNode(op.op, inputs, op.platform, op.metadata, op.locations, op.bytes)
              : new OpNode(other, inputs, op.platform, op.metadata, op.locations));
    }
    return output(nodes, result);
  }

  private static OpNode.Output output(Map<Digest, OpNode> nodes, OpRef ref) {
    OpNode node = nodes.get(ref.digest);
    if (node == null) {
      throw new IllegalStateException("definition: an op comes after its user: " + ref.digest);
    }
    return node.output(ref.index);
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
