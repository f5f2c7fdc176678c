package dev.jbuild.daemon.api;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.llb.OpNode;
import dev.jbuild.llb.wire.DefinitionDecoder;
import java.util.Map;
import java.util.TreeMap;

/** Reads the named graphs that a frontend is given. */
final class FrontendInputs {
  private FrontendInputs() {}

  /**
   * The graphs.
   *
   * @throws BuildException INVALID when one is empty or not valid
   */
  static Map<String, OpNode.Output> read(
      Map<String, pb.Definition> wire, DefinitionDecoder decoder) {
    var inputs = new TreeMap<String, OpNode.Output>();
    wire.forEach(
        (name, definition) -> {
          OpNode.Output output = decoder.decode(definition).toGraph();
          if (output == null) {
            throw new BuildException(
                Code.INVALID, "solve: the frontend input '" + name + "' is empty");
          }
          inputs.put(name, output);
        });
    return inputs;
  }
}
