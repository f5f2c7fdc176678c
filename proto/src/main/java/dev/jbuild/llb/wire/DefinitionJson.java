package dev.jbuild.llb.wire;

import dev.jbuild.llb.Definition;
import dev.jbuild.llb.Definition.EncodedOp;
import dev.jbuild.oci.json.Json;
import java.util.LinkedHashMap;

/**
 * A definition to be read by people and scripts: {@code def} has the ops by digest, {@code
 * metadata} what is said about them, {@code source} the files that they come from, each as protobuf
 * prints its messages as JSON.
 */
public final class DefinitionJson {
  private DefinitionJson() {}

  public static Json of(Definition definition) {
    var ops = new LinkedHashMap<String, Json>();
    var metadata = new LinkedHashMap<String, Json>();
    var sources = new SourceTable();
    for (EncodedOp op : definition.ops()) {
      String digest = op.digest().toString();
      ops.put(digest, OpJson.of(op.bytes()));
      metadata.put(digest, OpJson.asDeclared(MetadataCodec.encode(op.metadata())));
      sources.add(op.digest(), op.locations());
    }
    var out = new LinkedHashMap<String, Json>();
    out.put("def", new Json.Obj(ops));
    out.put("metadata", new Json.Obj(metadata));
    out.put("source", OpJson.of(sources.done()));
    return new Json.Obj(out);
  }
}
