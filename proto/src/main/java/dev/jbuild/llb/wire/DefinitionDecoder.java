package dev.jbuild.llb.wire;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.llb.Definition;
import dev.jbuild.llb.Definition.EncodedOp;
import dev.jbuild.llb.Definition.OpRef;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.OpMetadata;
import dev.jbuild.llb.SourceInfo;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a marshalled graph that anybody may have sent. Linear in its size and not recursive over
 * the graph; ops that the result does not need are left out. Safe for use by several threads.
 * Source: wire-llb facts, "Rules for reading a Definition".
 */
public final class DefinitionDecoder {
  /** The largest graph that is read, in ops. */
  public static final int MAX_OPS = 100_000;

  private final Set<String> knownCaps;

  /**
   * @param knownCaps capabilities that may be used, mostly {@link Caps#KNOWN}
   */
  public DefinitionDecoder(Set<String> knownCaps) {
    this.knownCaps = Set.copyOf(knownCaps);
  }

  /** Reads the serialized form, as it is found in files. */
  public Definition decode(Bytes serialized) {
    try {
      return decode(pb.Definition.parseFrom(serialized.toArray()));
    } catch (InvalidProtocolBufferException e) {
      throw new BuildException(
          Code.INVALID, "llb: is not a serialized definition: " + e.getMessage(), e);
    }
  }

  /**
   * Reads a definition; one without entries is scratch.
   *
   * @throws BuildException INVALID naming the op and what is wrong with it; UNIMPLEMENTED naming a
   *     capability that is not known
   */
  public Definition decode(pb.Definition wire) {
    int entries = wire.getDefCount();
    if (entries == 0) {
      return Definition.SCRATCH;
    }
    if (entries == 1) {
      throw invalid(
          "invalid definition with 1 entry, want an op and an entry that names the result");
    }
    if (entries - 1 > MAX_OPS) {
      throw invalid("definition has " + (entries - 1) + " ops, the limit is " + MAX_OPS);
    }
    var received = new HashMap<Digest, Received>();
    for (int i = 0; i < entries - 1; i++) {
      Received op = receive(wire, i);
      received.putIfAbsent(op.place.digest(), op);
    }
    Received last = receive(wire, entries - 1);
    OpRef result = result(wire, last);
    var reading = new Reading(wire, received);
    reading.read(result.digest(), last.place);
    Map<Digest, EncodedOp> done = reading.done;
    checkOutput(last.place, result, done.get(result.digest()));
    return new Definition(List.copyOf(done.values()), result);
  }

  private static Received receive(pb.Definition wire, int i) {
    Bytes bytes = Bytes.copyOf(wire.getDef(i).toByteArray());
    Digest digest = bytes.digest();
    try {
      pb.Op op = pb.Op.parseFrom(wire.getDef(i));
      return new Received(new OpPlace(digest, op.getInputsCount()), bytes, op);
    } catch (InvalidProtocolBufferException e) {
      throw new OpPlace(digest, 0).invalid("is not a serialized op: " + e.getMessage(), e);
    }
  }

  private OpRef result(pb.Definition wire, Received last) {
    if (last.wire.getOpCase() != pb.Op.OpCase.OP_NOT_SET || last.place.inputs() != 1) {
      throw last.place.invalid("the last entry must have one input, the result, and no op");
    }
    checkCaps(last.place, wire.getMetadataMap().get(last.place.digest().toString()));
    return reference(last.place, last.wire.getInputs(0), 0);
  }

  private void checkCaps(OpPlace place, pb.@Nullable OpMetadata metadata) {
    if (metadata == null) {
      return;
    }
    for (String cap : metadata.getCapsMap().keySet()) {
      if (!knownCaps.contains(cap)) {
        throw new BuildException(
            Code.UNIMPLEMENTED,
            "llb op " + place.digest() + ": capability '" + cap + "' is not supported by jbuild");
      }
    }
  }

  private static OpRef reference(OpPlace place, pb.Input input, int i) {
    String what = "input " + i + ": ";
    long index = place.within(what + "output index", input.getIndex(), 0, Integer.MAX_VALUE);
    try {
      return new OpRef(Digest.parse(input.getDigest()), (int) index);
    } catch (IllegalArgumentException e) {
      throw place.invalid(what + "malformed digest '" + input.getDigest() + "'", e);
    }
  }

  private static void checkOutput(OpPlace place, OpRef ref, @Nullable EncodedOp input) {
    if (input == null) {
      throw place.invalid("missing input " + ref.digest());
    }
    int outputs = OpCodec.outputs(input.op());
    if (ref.index() >= outputs) {
      throw place.invalid(
          "takes output " + ref.index() + " of " + ref.digest() + ", which has " + outputs);
    }
  }

  private static BuildException invalid(String problem) {
    return new BuildException(Code.INVALID, "llb: " + problem);
  }

  /** An entry, parsed but not checked. */
  private record Received(OpPlace place, Bytes bytes, pb.Op wire) {}

  /** One walk from the result to the sources. */
  private final class Reading {
    private final pb.Definition wire;
    private final Map<Digest, Received> received;
    private final List<SourceInfo> infos = new ArrayList<>();
    private final Map<Digest, EncodedOp> done = new LinkedHashMap<>();
    private final Set<Digest> open = new HashSet<>();

    Reading(pb.Definition wire, Map<Digest, Received> received) {
      this.wire = wire;
      this.received = received;
      for (pb.SourceInfo info : wire.getSource().getInfosList()) {
        infos.add(SourceCodec.decode(info));
      }
    }

    /** Depth first with a stack of its own, so that a long chain needs no deep call stack. */
    void read(Digest result, OpPlace user) {
      var stack = new ArrayDeque<Frame>();
      push(stack, result, user);
      while (!stack.isEmpty()) {
        Frame frame = stack.getLast();
        if (frame.next < frame.inputs.size()) {
          push(stack, frame.inputs.get(frame.next++).digest(), frame.op.place);
        } else {
          stack.removeLast();
          finish(frame);
        }
      }
    }

    private void push(ArrayDeque<Frame> stack, Digest digest, OpPlace user) {
      if (done.containsKey(digest)) {
        return;
      }
      Received op = received.get(digest);
      if (op == null) {
        throw user.invalid("missing input " + digest);
      }
      if (!open.add(digest)) {
        throw op.place.invalid("depends on itself");
      }
      var inputs = new ArrayList<OpRef>();
      for (int i = 0; i < op.wire.getInputsCount(); i++) {
        inputs.add(reference(op.place, op.wire.getInputs(i), i));
      }
      stack.addLast(new Frame(op, inputs));
    }

    private void finish(Frame frame) {
      OpPlace place = frame.op.place;
      for (OpRef input : frame.inputs) {
        checkOutput(place, input, done.get(input.digest()));
      }
      String key = place.digest().toString();
      pb.OpMetadata metadata = wire.getMetadataMap().get(key);
      checkCaps(place, metadata);
      pb.Locations locations = wire.getSource().getLocationsMap().get(key);
      LlbOp op = OpCodec.decode(place, frame.op.wire);
      done.put(
          place.digest(),
          new EncodedOp(
              place.digest(),
              frame.op.bytes,
              op,
              frame.inputs,
              frame.op.wire.hasPlatform()
                  ? PlatformCodec.decode(frame.op.wire.getPlatform())
                  : null,
              metadata == null ? OpMetadata.NONE : MetadataCodec.decode(metadata),
              locations == null ? List.of() : SourceCodec.decode(place, locations, infos)));
    }
  }

  /** An op whose inputs are being read. */
  private static final class Frame {
    private final Received op;
    private final List<OpRef> inputs;
    private int next;

    Frame(Received op, List<OpRef> inputs) {
      this.op = op;
      this.inputs = inputs;
    }
  }
}
