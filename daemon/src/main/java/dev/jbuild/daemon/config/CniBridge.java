package dev.jbuild.daemon.config;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.network.bridge.Subnet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a CNI configuration says of its bridge: jbuild runs no CNI plugins, but a bridge with that
 * name and subnet it can make itself. Source: CNI specification 1.0, network configuration.
 *
 * @param name of the interface, empty when it says none
 * @param subnet empty when it says none
 */
record CniBridge(String name, String subnet) {
  static final CniBridge UNSAID = new CniBridge("", "");
  static final String DEFAULT_FILE = "/etc/buildkit/cni.json";

  private static final int LIMIT_BYTES = 1 << 20;

  /** Beside the bridge: jbuild does what they do, or they do nothing that a step would miss. */
  private static final List<String> HARMLESS =
      List.of("loopback", "firewall", "portmap", "tuning", "bandwidth");

  /**
   * Reads a configuration.
   *
   * @throws BuildException INVALID, without the place, when it is none, or not of a bridge
   */
  static CniBridge read(Path file) {
    JsonNode root;
    try (var in = Files.newInputStream(file)) {
      root = JsonMapper.builder().build().readTree(in.readNBytes(LIMIT_BYTES));
    } catch (IOException e) {
      throw invalid("mode 'cni' needs a CNI configuration, and '" + file + "' can not be read", e);
    } catch (JacksonException e) {
      throw invalid("'" + file + "' is no CNI configuration: " + e.getOriginalMessage(), e);
    }
    List<JsonNode> plugins = new ArrayList<>();
    if (root.has("plugins")) {
      root.get("plugins").forEach(plugins::add);
    } else {
      plugins.add(root);
    }
    CniBridge bridge = UNSAID;
    for (JsonNode plugin : plugins) {
      String type = plugin.path("type").asString("");
      if (type.equals("bridge")) {
        bridge = bridge(plugin);
      } else if (!HARMLESS.contains(type)) {
        throw invalid(
            "'"
                + file
                + "' asks for the CNI plugin '"
                + type
                + "', which is not offered: jbuild makes bridges itself; want a configuration of"
                + " type bridge, or networkMode bridge",
            null);
      }
    }
    return bridge;
  }

  private static CniBridge bridge(JsonNode plugin) {
    JsonNode ipam = plugin.path("ipam");
    String subnet =
        ipam.path("subnet")
            .asString(ipam.path("ranges").path(0).path(0).path("subnet").asString(""));
    if (!subnet.isEmpty()) {
      try {
        Objects.requireNonNull(Subnet.parse(subnet));
      } catch (IllegalArgumentException e) {
        throw invalid("the bridge's " + e.getMessage(), e);
      }
    }
    return new CniBridge(plugin.path("bridge").asString(""), subnet);
  }

  private static BuildException invalid(String what, @Nullable Exception cause) {
    return new BuildException(Code.INVALID, what, cause);
  }
}
