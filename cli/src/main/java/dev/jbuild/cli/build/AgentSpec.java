package dev.jbuild.cli.build;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The agents that {@code --ssh} offers: {@code default}, or {@code ID[=SOCKET]}. Source: docker's
 * reference of {@code buildx build}, "SSH agent socket or keys to expose to the build".
 */
final class AgentSpec {
  private static final String VARIABLE = "SSH_AUTH_SOCK";
  private static final int SOCKET_TYPE = 0140000;
  private static final int TYPE_MASK = 0170000;

  private AgentSpec() {}

  /**
   * The agents' sockets by id.
   *
   * @param directory that relative paths start at
   */
  static SortedMap<String, Path> parse(
      List<String> flags, Map<String, String> env, Path directory) {
    var sockets = new TreeMap<String, Path>();
    for (String flag : flags) {
      int equals = flag.indexOf('=');
      String id = equals < 0 ? flag : flag.substring(0, equals);
      if (id.isEmpty()) {
        throw new UsageException("--ssh: no id in '" + flag + "'; want default or ID=SOCKET");
      }
      String path = equals < 0 ? "" : flag.substring(equals + 1);
      if (path.isEmpty()) {
        path = env.getOrDefault(VARIABLE, "");
        if (path.isEmpty()) {
          throw new BuildException(
              Code.NOT_FOUND,
              "--ssh "
                  + flag
                  + ": no agent: "
                  + VARIABLE
                  + " is not set; start ssh-agent, or give a socket: --ssh "
                  + id
                  + "=SOCKET");
        }
      }
      sockets.put(id, socket(flag, path, directory));
    }
    return sockets;
  }

  private static Path socket(String flag, String text, Path directory) {
    Path path = directory.resolve(text).normalize();
    if (Files.exists(path)) {
      try {
        int mode = (int) Files.getAttribute(path, "unix:mode");
        if ((mode & TYPE_MASK) == SOCKET_TYPE) {
          return path;
        }
      } catch (IOException e) {
        throw new BuildException(Code.FAILED, "--ssh " + flag + ": " + e, e);
      }
      throw new BuildException(
          Code.UNIMPLEMENTED,
          "--ssh "
              + flag
              + ": '"
              + path
              + "' is not a socket; key files are not offered yet: add the key to an agent with"
              + " ssh-add and give the agent's socket");
    }
    String what = text.contains(",") ? "several keys are not offered yet" : "no such socket";
    throw new BuildException(Code.NOT_FOUND, "--ssh " + flag + ": '" + path + "': " + what);
  }
}
