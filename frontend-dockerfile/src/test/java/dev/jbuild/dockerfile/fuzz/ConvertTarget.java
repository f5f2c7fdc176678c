package dev.jbuild.dockerfile.fuzz;

import static dev.jbuild.dockerfile.fuzz.Invariants.require;

import dev.jbuild.dockerfile.FakeBridge;
import dev.jbuild.dockerfile.Frontends;
import dev.jbuild.error.BuildException;
import dev.jbuild.frontend.FrontendBridge.Warning;
import dev.jbuild.frontend.FrontendRequest;
import dev.jbuild.frontend.FrontendResult;
import dev.jbuild.llb.Definition;
import dev.jbuild.llb.wire.Caps;
import dev.jbuild.llb.wire.DefinitionDecoder;
import dev.jbuild.llb.wire.DefinitionEncoder;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.json.JsonText;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** A Dockerfile to a graph and an image config that can be sent, or to an error with its place. */
public final class ConvertTarget {
  private static final String FILENAME = "Dockerfile";

  private ConvertTarget() {}

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] input) {
    String text = Invariants.text(input);
    var bridge = new FakeBridge().file("dockerfile", FILENAME, text);
    bridge.file("context", FILENAME, text);
    try {
      var request = new FrontendRequest(Map.of(), Map.of());
      check(Invariants.within(budget(text), () -> Frontends.solve(request, bridge)));
    } catch (BuildException failure) {
      Invariants.hasPlace(failure, FILENAME, text);
    }
    List<String> lines = Invariants.lines(text);
    for (Warning warning : bridge.warnings()) {
      require(!warning.shortText().isBlank(), "a warning without text");
      warning.ranges().forEach(range -> Invariants.lies(range, lines));
    }
  }

  /** Variables may bring in 8 Mi characters, and one word more, each copied some times. */
  private static long budget(String text) {
    return (256L << 20) + 16384L * text.length();
  }

  private static void check(FrontendResult result) {
    require(result.results().size() == 1, result.results().size() + " results");
    FrontendResult.PlatformResult one = result.results().getFirst();
    Definition sent = DefinitionEncoder.encode(one.root());
    Bytes wire = DefinitionEncoder.toBytes(sent);
    require(new DefinitionDecoder(Caps.KNOWN).decode(wire).equals(sent), "decodes differently");
    try {
      JsonText.parse(one.imageConfig());
    } catch (IOException failure) {
      throw new AssertionError("a config that is no JSON", failure);
    }
  }
}
