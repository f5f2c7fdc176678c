package dev.jbuild.network.dns;

import dev.jbuild.netplan.DnsSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Whom to ask and how patiently.
 *
 * @param servers in order; may be empty
 * @param tryMillis how long one of them is waited for
 * @param attempts how often each is asked
 * @param rotate whether each question begins with another one
 */
record Resolvers(List<InetSocketAddress> servers, int tryMillis, int attempts, boolean rotate) {
  private static final int MAX_SERVERS = 8;
  private static final int ATTEMPTS = 2;
  private static final int MAX_ATTEMPTS = 5;
  private static final int MAX_TIMEOUT_SECONDS = 10;

  Resolvers {
    servers = List.copyOf(servers);
  }

  /** What settings mean; of equal options the last counts. */
  static Resolvers of(DnsSettings settings, int port, int usualTryMillis) {
    int tryMillis = usualTryMillis;
    int attempts = ATTEMPTS;
    for (String option : settings.options()) {
      if (option.startsWith("timeout:")) {
        int seconds = number(option, MAX_TIMEOUT_SECONDS);
        tryMillis = seconds == 0 ? tryMillis : seconds * 1_000;
      } else if (option.startsWith("attempts:")) {
        int wanted = number(option, MAX_ATTEMPTS);
        attempts = wanted == 0 ? attempts : wanted;
      }
    }
    var servers = new ArrayList<InetSocketAddress>();
    for (InetAddress server : settings.servers()) {
      var address = new InetSocketAddress(server, port);
      if (!servers.contains(address) && servers.size() < MAX_SERVERS) {
        servers.add(address);
      }
    }
    return new Resolvers(servers, tryMillis, attempts, settings.options().contains("rotate"));
  }

  /** The number after the colon, at most the limit; 0 for what is none. */
  private static int number(String option, int limit) {
    String digits = option.substring(option.indexOf(':') + 1);
    boolean readable =
        !digits.isEmpty()
            && digits.length() < 9
            && digits.chars().allMatch(c -> c >= '0' && c <= '9');
    return readable ? Math.min(limit, Integer.parseInt(digits)) : 0;
  }

  /** Whether an option is one that this class acts on, so that steps need not. */
  static boolean honours(String option) {
    return option.equals("rotate")
        || option.startsWith("timeout:")
        || option.startsWith("attempts:");
  }
}
