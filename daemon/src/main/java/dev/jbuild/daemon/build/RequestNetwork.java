package dev.jbuild.daemon.build;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.netplan.DnsSettings;
import dev.jbuild.netplan.EgressRules;
import dev.jbuild.netplan.NetworkPlan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a request says of its steps' network: options of its frontend, as {@code --opt egress=...}
 * of any client gives them.
 */
public final class RequestNetwork {
  private static final String CAPABILITIES = "frontend.caps";

  private RequestNetwork() {}

  /**
   * Resolvers and egress rules; ports of the host come with the entitlements.
   *
   * @throws BuildException INVALID when they can not be understood
   */
  public static NetworkPlan of(Map<String, String> options) {
    var dns =
        DnsSettings.parse(
            words(options.get("dns")),
            words(options.get("dns-search")),
            words(options.get("dns-option")));
    return new NetworkPlan(dns, EgressRules.parse(words(options.get("egress"))), List.of());
  }

  /** The options for the frontend, of which it is not wanted that it heeds those of the network. */
  public static Map<String, String> forFrontend(Map<String, String> options) {
    String wanted = options.get(CAPABILITIES);
    if (wanted == null) {
      return options;
    }
    var others = new ArrayList<>(words(wanted));
    others.remove(NetworkPlan.CAPABILITY);
    var left = new HashMap<>(options);
    left.put(CAPABILITIES, String.join(",", others));
    return left;
  }

  private static List<String> words(@Nullable String list) {
    return list == null || list.isEmpty() ? List.of() : List.of(list.split(",", -1));
  }

  /**
   * A frontend that is asked within a build may be told again what the build's own request says,
   * which holds for all steps, and nothing else: rules that nobody keeps are worse than none.
   *
   * @param options of the question
   * @param build of the build's request
   * @throws BuildException INVALID for an option that says something else
   */
  public static void requireSame(Map<String, String> options, Map<String, String> build) {
    for (String option : NetworkPlan.OPTIONS) {
      String asked = options.getOrDefault(option, "");
      String own = build.getOrDefault(option, "");
      if (!asked.isEmpty() && !asked.equals(own)) {
        throw new BuildException(
            Code.INVALID,
            "solve: the option "
                + option
                + "='"
                + asked
                + "' is not that of the build"
                + (own.isEmpty() ? ", which has none" : ": '" + own + "'")
                + "; give it with the build's own request, it holds for all steps");
      }
    }
  }
}
