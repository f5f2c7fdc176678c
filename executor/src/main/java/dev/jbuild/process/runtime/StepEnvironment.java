package dev.jbuild.process.runtime;

import dev.jbuild.llb.ExecMeta;
import dev.jbuild.llb.ExecMeta.ProxyEnv;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** A step's environment: what was given wins over what is added. */
final class StepEnvironment {
  static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private StepEnvironment() {}

  /**
   * The variables as {@code K=V}: those given in their order, proxies in both cases, {@code PATH},
   * {@code HOME}.
   *
   * @param hidden variables that win over all others of their name
   */
  static List<String> of(ExecMeta meta, List<String> hidden, String home) {
    Set<String> names = new HashSet<>();
    hidden.forEach(variable -> names.add(name(variable)));
    var all = new ArrayList<>(meta.env());
    all.removeIf(variable -> names.contains(name(variable)));
    all.addAll(hidden);
    meta.env().forEach(variable -> names.add(name(variable)));
    for (String variable : proxies(meta.proxyEnv())) {
      if (names.add(name(variable))) {
        all.add(variable);
      }
    }
    if (names.add("PATH")) {
      all.add("PATH=" + DEFAULT_PATH);
    }
    if (names.add("HOME")) {
      all.add("HOME=" + home);
    }
    return all;
  }

  /** Value of {@code PATH} among {@code K=V}, the last one. */
  static String path(List<String> env) {
    String path = DEFAULT_PATH;
    for (String variable : env) {
      if (variable.startsWith("PATH=")) {
        path = variable.substring(5);
      }
    }
    return path;
  }

  private static String name(String variable) {
    int equals = variable.indexOf('=');
    return equals < 0 ? variable : variable.substring(0, equals);
  }

  private static List<String> proxies(ProxyEnv proxies) {
    var all = new ArrayList<String>();
    add(all, "http_proxy", proxies.httpProxy());
    add(all, "https_proxy", proxies.httpsProxy());
    add(all, "ftp_proxy", proxies.ftpProxy());
    add(all, "no_proxy", proxies.noProxy());
    add(all, "all_proxy", proxies.allProxy());
    return all;
  }

  private static void add(List<String> all, String name, String value) {
    if (!value.isEmpty()) {
      all.add(name.toUpperCase(Locale.ROOT) + "=" + value);
      all.add(name + "=" + value);
    }
  }
}
