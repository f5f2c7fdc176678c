package dev.jbuild.llb.wire;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import dev.jbuild.llb.Definition;
import dev.jbuild.llb.Definition.EncodedOp;
import dev.jbuild.oci.json.Json;
import dev.jbuild.oci.json.JsonText;
import dev.jbuild.oci.json.OciFormatException;
import java.util.LinkedHashMap;

/**
 * A definition to be read by people and scripts: {@code def} has the ops by digest, {@code
 * metadata} what is said about them, {@code source} the files that they come from, each as protobuf
 * prints its messages as JSON.
 */
public final class DefinitionJson {
  private static final JsonFormat.Printer OPS = JsonFormat.printer();
  private static final JsonFormat.Printer METADATA = OPS.preservingProtoFieldNames();

  private DefinitionJson() {}

  public static Json of(Definition definition) {
    var ops = new LinkedHashMap<String, Json>();
    var metadata = new LinkedHashMap<String, Json>();
    var sources = new SourceTable();
    for (EncodedOp op : definition.ops()) {
      String digest = op.digest().toString();
      ops.put(digest, json(OPS, message(op)));
      metadata.put(digest, json(METADATA, MetadataCodec.encode(op.metadata())));
      sources.add(op.digest(), op.locations());
    }
    var out = new LinkedHashMap<String, Json>();
    out.put("def", new Json.Obj(ops));
    out.put("metadata", new Json.Obj(metadata));
    out.put("source", json(OPS, sources.done()));
    return new Json.Obj(out);
  }

  private static pb.Op message(EncodedOp op) {
    try {
      return pb.Op.parseFrom(OpCodec.wire(op.bytes()));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("an op that was read before can not be read", e);
    }
  }

  private static Json json(JsonFormat.Printer printer, MessageOrBuilder message) {
    try {
      return JsonText.parse(printer.print(message));
    } catch (InvalidProtocolBufferException | OciFormatException e) {
      throw new IllegalStateException("a message of ours is no JSON", e);
    }
  }
}
