package dev.jbuild.ops;

import dev.jbuild.llb.ExecMeta;
import java.util.regex.Pattern;

/**
 * Commands that look at the network without talking to anybody: interfaces, routes, hosts file,
 * resolver, host name. What they read differs from mode to mode, and no meter sees it in files.
 */
final class NetworkWords {
  private static final Pattern WORDS =
      Pattern.compile(
          "/(sys|proc)/\\S*net\\b|/etc/host|resolv\\.conf|HOSTNAME"
              + "|\\b(ip|ifconfig|route|netstat|ss|arp|hostname|uname -[a-z]*[an])\\b");

  private NetworkWords() {}

  /** Whether the command, as written, names something of the kind. */
  static boolean in(ExecMeta meta) {
    return meta.args().stream().anyMatch(word -> WORDS.matcher(word).find());
  }
}
