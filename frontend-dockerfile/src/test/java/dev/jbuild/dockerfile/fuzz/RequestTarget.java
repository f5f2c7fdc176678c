package dev.jbuild.dockerfile.fuzz;

import static dev.jbuild.dockerfile.fuzz.Invariants.require;

import dev.jbuild.dockerfile.FakeBridge;
import dev.jbuild.dockerfile.Frontends;
import dev.jbuild.error.BuildException;
import dev.jbuild.frontend.FrontendRequest;
import dev.jbuild.frontend.FrontendResult;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.json.JsonText;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** Options {@code key=value}, a line each, a blank line, and a Dockerfile. */
public final class RequestTarget {
  private RequestTarget() {}

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] input) {
    String text = Invariants.text(input);
    Map<String, String> options = new HashMap<>();
    int blank = text.indexOf("\n\n");
    String head = blank < 0 ? text : text.substring(0, blank);
    for (String line : head.split("\n", -1)) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        options.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    String file = blank < 0 ? "FROM scratch\n" : text.substring(blank + 2);
    check(options, file);
  }

  private static void check(Map<String, String> options, String file) {
    long budget = (256L << 20) + 16384L * file.length();
    var bridge = new FakeBridge().file("dockerfile", "Dockerfile", file);
    bridge.file("context", "Dockerfile", file).file("context", "context", file);
    try {
      var request = new FrontendRequest(options, Map.of());
      FrontendResult result = Invariants.within(budget, () -> Frontends.solve(request, bridge));
      if (options.getOrDefault("requestid", "").isEmpty()) {
        require(!result.results().isEmpty(), "no result");
        return;
      }
      require(result.results().isEmpty(), "an answer with a result");
      Bytes json = result.metadata().get("result.json");
      require(json != null && JsonText.parse(json) != null, "an answer without JSON");
    } catch (BuildException failure) {
      Invariants.isTheUsers(failure);
    } catch (IOException failure) {
      throw new AssertionError("an answer that is no JSON", failure);
    }
  }
}
