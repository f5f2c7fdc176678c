package dev.jbuild.llb.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.LlbOp.BuildOp;
import dev.jbuild.llb.LlbOp.DiffOp;
import dev.jbuild.llb.LlbOp.ExecOp;
import dev.jbuild.llb.LlbOp.FileOp;
import dev.jbuild.llb.LlbOp.MergeOp;
import dev.jbuild.llb.LlbOp.PassthroughOp;
import dev.jbuild.llb.LlbOp.SourceOp;
import dev.jbuild.llb.MountSpec;
import dev.jbuild.oci.Bytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The op inside a vertex, of every kind. */
final class OpCodec {
  private OpCodec() {}

  static LlbOp decode(OpPlace place, pb.Op wire) {
    return switch (wire.getOpCase()) {
      case SOURCE -> source(place, wire.getSource());
      case EXEC -> ExecCodec.decode(place, wire.getExec());
      case FILE -> FileCodec.decode(place, wire.getFile());
      case MERGE -> merge(place, wire.getMerge());
      case DIFF -> diff(place, wire.getDiff());
      case BUILD -> build(place, wire.getBuild());
      case PASSTHROUGH -> passthrough(place, wire.getPassthrough());
      case OP_NOT_SET -> throw place.invalid("is of no kind that jbuild knows");
    };
  }

  private static SourceOp source(OpPlace place, pb.SourceOp wire) {
    if (wire.getIdentifier().indexOf("://") <= 0) {
      throw place.invalid(
          "source identifier is '" + wire.getIdentifier() + "', want 'scheme://...'");
    }
    return new SourceOp(wire.getIdentifier(), wire.getAttrsMap());
  }

  private static MergeOp merge(OpPlace place, pb.MergeOp wire) {
    var inputs = new ArrayList<Long>();
    for (pb.MergeInput input : wire.getInputsList()) {
      inputs.add(place.inputOrNone("merge input", input.getInput()));
    }
    return new MergeOp(inputs);
  }

  private static DiffOp diff(OpPlace place, pb.DiffOp wire) {
    if (!wire.hasLower() || !wire.hasUpper()) {
      throw place.invalid("diff has no " + (wire.hasLower() ? "upper" : "lower") + " input");
    }
    return new DiffOp(
        place.inputOrNone("diff lower input", wire.getLower().getInput()),
        place.inputOrNone("diff upper input", wire.getUpper().getInput()));
  }

  private static BuildOp build(OpPlace place, pb.BuildOp wire) {
    var inputs = new TreeMap<String, Long>();
    for (Map.Entry<String, pb.BuildInput> input : wire.getInputsMap().entrySet()) {
      inputs.put(
          input.getKey(),
          place.within(
              "build input '" + input.getKey() + "'",
              input.getValue().getInput(),
              0,
              place.inputs()));
    }
    return new BuildOp(
        wire.getBuilder(),
        inputs,
        wire.hasDef() ? canonicalBytes(wire.getDef()) : null,
        wire.getAttrsMap());
  }

  private static PassthroughOp passthrough(OpPlace place, pb.PassthroughOp wire) {
    for (long output : wire.getOutputsList()) {
      place.within("passthrough output", output, 0, place.inputs());
    }
    return new PassthroughOp(wire.getId(), wire.getOutputsList());
  }

  /** How many outputs an op has; they count from 0. */
  static int outputs(LlbOp op) {
    return switch (op) {
      case ExecOp exec -> count(exec.mounts());
      case FileOp file ->
          (int) file.actions().stream().filter(action -> action.output() >= 0).count();
      case PassthroughOp passthrough -> passthrough.outputs().size();
      case SourceOp source -> 1;
      case MergeOp merge -> 1;
      case DiffOp diff -> 1;
      case BuildOp build -> 1;
    };
  }

  private static int count(List<MountSpec> mounts) {
    int outputs = 0;
    for (MountSpec mount : mounts) {
      outputs += mount.output() >= 0 ? 1 : 0;
    }
    return outputs;
  }

  static void encode(LlbOp op, pb.Op.Builder wire) {
    switch (op) {
      case SourceOp source ->
          wire.setSource(
              pb.SourceOp.newBuilder()
                  .setIdentifier(source.identifier())
                  .putAllAttrs(source.attrs()));
      case ExecOp exec -> wire.setExec(ExecCodec.encode(exec));
      case FileOp file -> wire.setFile(FileCodec.encode(file));
      case MergeOp merge -> {
        var made = pb.MergeOp.newBuilder();
        for (long input : merge.inputs()) {
          made.addInputs(pb.MergeInput.newBuilder().setInput(input));
        }
        wire.setMerge(made);
      }
      case DiffOp diff ->
          wire.setDiff(
              pb.DiffOp.newBuilder()
                  .setLower(pb.LowerDiffInput.newBuilder().setInput(diff.lower()))
                  .setUpper(pb.UpperDiffInput.newBuilder().setInput(diff.upper())));
      case BuildOp build -> wire.setBuild(encode(build));
      case PassthroughOp passthrough ->
          wire.setPassthrough(
              pb.PassthroughOp.newBuilder()
                  .setId(passthrough.id())
                  .addAllOutputs(passthrough.outputs()));
    }
  }

  private static pb.BuildOp encode(BuildOp build) {
    var wire = pb.BuildOp.newBuilder().setBuilder(build.builder()).putAllAttrs(build.attrs());
    build
        .inputs()
        .forEach(
            (name, input) ->
                wire.putInputs(name, pb.BuildInput.newBuilder().setInput(input).build()));
    Bytes definition = build.definition();
    if (definition != null) {
      try {
        wire.setDef(pb.Definition.parseFrom(definition.toArray()));
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException("a build op holds no serialized definition", e);
      }
    }
    return wire.build();
  }

  /**
   * An op as Go clients write it: what is one of several kinds comes last. Clients that look for a
   * failed op in a graph write it again and compare digests.
   */
  static Bytes canonicalBytes(pb.Op op) {
    var kind = op.toBuilder().clearInputs().clearPlatform().clearConstraints().build();
    var common = op.toBuilder().clearOp().setUnknownFields(UnknownFieldSet.getDefaultInstance());
    byte[] first = canonicalBytes((Message) common.build()).toArray();
    byte[] last = canonicalBytes((Message) kind).toArray();
    byte[] both = Arrays.copyOf(first, first.length + last.length);
    System.arraycopy(last, 0, both, first.length, last.length);
    return Bytes.copyOf(both);
  }

  /** Canonical form: fields by number, zero values left out, map entries sorted by key. */
  static Bytes canonicalBytes(Message message) {
    byte[] bytes = new byte[message.getSerializedSize()];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.useDeterministicSerialization();
    try {
      message.writeTo(out);
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new IllegalStateException("an array of the right size cannot be filled", e);
    }
    return Bytes.copyOf(bytes);
  }

  static ByteString wire(Bytes bytes) {
    return ByteString.copyFrom(bytes.toArray());
  }
}
