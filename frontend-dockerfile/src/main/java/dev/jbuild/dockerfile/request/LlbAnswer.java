package dev.jbuild.dockerfile.request;

import dev.jbuild.frontend.FrontendResult;
import dev.jbuild.llb.Definition;
import dev.jbuild.llb.Definition.EncodedOp;
import dev.jbuild.llb.OpNode;
import dev.jbuild.llb.wire.DefinitionEncoder;
import dev.jbuild.llb.wire.DefinitionJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The graph that a target becomes. */
public final class LlbAnswer {
  private LlbAnswer() {}

  /**
   * @param root of the first platform that is asked for; null for scratch
   */
  public static FrontendResult result(OpNode.@Nullable Output root) {
    Definition definition = DefinitionEncoder.encode(root);
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("DIGEST", "STEP"));
    for (EncodedOp op : definition.ops()) {
      rows.add(List.of(op.digest().toString(), op.displayName()));
    }
    return Answer.of(DefinitionJson.of(definition), Answer.table(rows), Map.of());
  }
}
