package dev.jbuild.llb.wire;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.jbuild.llb.Definition;
import dev.jbuild.llb.Definition.EncodedOp;
import dev.jbuild.llb.Definition.OpRef;
import dev.jbuild.llb.OpMetadata;
import dev.jbuild.llb.OpNode;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.Platform;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Marshals graphs, in the bytes that Go clients make of the same graph, and definitions into
 * messages. Source: wire-llb facts, "Canonical bytes".
 */
public final class DefinitionEncoder {
  private DefinitionEncoder() {}

  /**
   * Marshals the graph under a node. Nodes with equal bytes become one op; a node that was received
   * keeps its bytes as long as its inputs keep their digests.
   *
   * @param root null for scratch
   */
  public static Definition encode(OpNode.@Nullable Output root) {
    if (root == null) {
      return Definition.SCRATCH;
    }
    var digests = new IdentityHashMap<OpNode, Digest>();
    var ops = new LinkedHashMap<Digest, EncodedOp>();
    for (OpNode node : inputsFirst(root.node())) {
      var inputs = new ArrayList<OpRef>();
      for (OpNode.Output input : node.inputs()) {
        inputs.add(reference(input, digests));
      }
      Bytes bytes = bytes(node, inputs);
      Digest digest = bytes.digest();
      digests.put(node, digest);
      ops.merge(
          digest,
          new EncodedOp(
              digest, bytes, node.op(), inputs, node.platform(), node.metadata(), node.locations()),
          DefinitionEncoder::same);
    }
    return new Definition(List.copyOf(ops.values()), reference(root, digests));
  }

  private static OpRef reference(OpNode.Output output, IdentityHashMap<OpNode, Digest> digests) {
    Digest digest = digests.get(output.node());
    if (digest == null) {
      throw new IllegalStateException("an input was not encoded before its user");
    }
    return new OpRef(digest, output.index());
  }

  /** Depth first with a stack of its own, so that a long chain needs no deep call stack. */
  private static List<OpNode> inputsFirst(OpNode root) {
    var order = new ArrayList<OpNode>();
    var nextInput = new IdentityHashMap<OpNode, Integer>();
    var stack = new ArrayDeque<OpNode>();
    stack.addLast(root);
    nextInput.put(root, 0);
    while (!stack.isEmpty()) {
      OpNode node = stack.getLast();
      int next = nextInput.merge(node, 1, Integer::sum) - 1;
      if (next < node.inputs().size()) {
        OpNode input = node.inputs().get(next).node();
        if (nextInput.putIfAbsent(input, 0) == null) {
          stack.addLast(input);
        }
      } else {
        order.add(stack.removeLast());
      }
    }
    return order;
  }

  private static Bytes bytes(OpNode node, List<OpRef> inputs) {
    Bytes received = node.received();
    if (received == null) {
      // Go clients always send constraints, mostly empty
      var wire = pb.Op.newBuilder().setConstraints(pb.WorkerConstraints.getDefaultInstance());
      Platform platform = node.platform();
      if (platform != null) {
        wire.setPlatform(PlatformCodec.encode(platform));
      }
      OpCodec.encode(node.op(), wire);
      return OpCodec.canonicalBytes(wire.addAllInputs(wire(inputs)).build());
    }
    try {
      pb.Op wire = pb.Op.parseFrom(received.toArray());
      return wire.getInputsList().equals(wire(inputs))
          ? received
          : OpCodec.canonicalBytes(
              wire.toBuilder().clearInputs().addAllInputs(wire(inputs)).build());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a node was given bytes that are no op", e);
    }
  }

  private static List<pb.Input> wire(List<OpRef> inputs) {
    var wire = new ArrayList<pb.Input>();
    for (OpRef input : inputs) {
      wire.add(wire(input));
    }
    return wire;
  }

  private static pb.Input wire(OpRef input) {
    return pb.Input.newBuilder()
        .setDigest(input.digest().toString())
        .setIndex(input.index())
        .build();
  }

  /** Two nodes that are one op: the first counts, but a wish to ignore the cache is never lost. */
  private static EncodedOp same(EncodedOp first, EncodedOp second) {
    OpMetadata metadata = first.metadata();
    if (metadata.ignoreCache() || !second.metadata().ignoreCache()) {
      return first;
    }
    return new EncodedOp(
        first.digest(),
        first.bytes(),
        first.op(),
        first.inputs(),
        first.platform(),
        new OpMetadata(
            true,
            metadata.description(),
            metadata.exportCache(),
            metadata.caps(),
            metadata.progressGroup(),
            metadata.linuxResources()),
        first.locations());
  }

  /** The message of a definition, each op in its bytes, each source file once. */
  public static pb.Definition toWire(Definition definition) {
    var wire = pb.Definition.newBuilder();
    OpRef result = definition.result();
    if (result == null) {
      return wire.build();
    }
    var sources = new SourceTable();
    for (EncodedOp op : definition.ops()) {
      wire.addDef(OpCodec.wire(op.bytes()));
      wire.putMetadata(op.digest().toString(), MetadataCodec.encode(op.metadata()));
      sources.add(op.digest(), op.locations());
    }
    Bytes last = OpCodec.canonicalBytes(pb.Op.newBuilder().addInputs(wire(result)).build());
    return wire.addDef(OpCodec.wire(last))
        .putMetadata(last.digest().toString(), pb.OpMetadata.getDefaultInstance())
        .setSource(sources.done())
        .build();
  }

  /** The serialized form, deterministic, as {@link DefinitionDecoder#decode(Bytes)} reads it. */
  public static Bytes toBytes(Definition definition) {
    return OpCodec.canonicalBytes(toWire(definition));
  }
}
