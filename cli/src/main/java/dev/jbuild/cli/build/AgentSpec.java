package dev.jbuild.cli.build;

import dev.jbuild.agent.keys.KeyAgent;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.session.direct.AgentSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The agents that {@code --ssh} offers: {@code default}, or {@code ID[=SOCKET]}, or {@code
 * ID=KEYFILE[,KEYFILE]}. Source: docker's reference of {@code buildx build}, "SSH agent socket or
 * keys to expose to the build".
 */
final class AgentSpec {
  private static final String VARIABLE = "SSH_AUTH_SOCK";
  private static final int SOCKET_TYPE = 0140000;
  private static final int TYPE_MASK = 0170000;

  private AgentSpec() {}

  /**
   * The agents by id. Key files are read once, so that a wrong one is told before the build.
   *
   * @param directory that relative paths start at
   */
  static SortedMap<String, AgentSource> parse(
      List<String> flags, Map<String, String> env, Path directory) {
    var agents = new TreeMap<String, AgentSource>();
    for (String flag : flags) {
      int equals = flag.indexOf('=');
      String id = equals < 0 ? flag : flag.substring(0, equals);
      if (id.isEmpty()) {
        throw new UsageException(
            "--ssh: no id in '" + flag + "'; want default, ID=SOCKET or ID=KEYFILE");
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
      agents.put(id, agent(flag, path, directory));
    }
    return agents;
  }

  private static AgentSource agent(String flag, String text, Path directory) {
    var files = new ArrayList<Path>();
    for (String part : text.split(",", -1)) {
      Path path = directory.resolve(part).normalize();
      if (part.isEmpty() || !Files.exists(path)) {
        throw new BuildException(
            Code.NOT_FOUND, "--ssh " + flag + ": '" + path + "': no such socket or key file");
      }
      files.add(path);
    }
    try {
      for (Path path : files) {
        int mode = (int) Files.getAttribute(path, "unix:mode");
        if ((mode & TYPE_MASK) == SOCKET_TYPE) {
          if (files.size() > 1) {
            throw new UsageException("--ssh " + flag + ": want one socket, or key files");
          }
          return new AgentSource.Socket(path);
        }
      }
      KeyAgent.of(files);
      return new AgentSource.Keys(files);
    } catch (IOException e) {
      throw new BuildException(Code.INVALID, "--ssh " + flag + ": " + e.getMessage(), e);
    }
  }
}
