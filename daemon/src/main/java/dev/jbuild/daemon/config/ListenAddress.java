package dev.jbuild.daemon.config;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where the daemon is reached. */
public sealed interface ListenAddress {
  /** Longest path of a Unix socket, {@code sun_path} without its final zero. Source: unix(7). */
  int MAX_PATH_BYTES = 107;

  Pattern TCP = Pattern.compile("tcp://(\\[[0-9a-fA-F:.]+]|[^:/\\[\\]]+):([0-9]{1,5})");

  Pattern FD = Pattern.compile("fd://3?");

  /** A Unix socket. */
  record Unix(Path path) implements ListenAddress {
    @Override
    public String toString() {
      return "unix://" + path;
    }
  }

  /** A TCP port; 0 lets the kernel choose. */
  record Tcp(String host, int port) implements ListenAddress {
    @Override
    public String toString() {
      return "tcp://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
  }

  /** The socket that the service manager has opened. Source: sd_listen_fds(3). */
  record Activated() implements ListenAddress {
    @Override
    public String toString() {
      return "fd://";
    }
  }

  /**
   * Reads {@code unix:///path}, {@code tcp://host:port} or {@code fd://}.
   *
   * @throws BuildException INVALID when it is neither
   */
  static ListenAddress parse(String text) {
    if (text.startsWith("unix://")) {
      Path path = Path.of(text.substring("unix://".length()));
      if (!path.isAbsolute()) {
        throw invalid(text, "the path of a Unix socket must be absolute");
      }
      if (path.toString().getBytes(StandardCharsets.UTF_8).length > MAX_PATH_BYTES) {
        throw invalid(text, "the path of a Unix socket has at most 107 bytes");
      }
      return new Unix(path);
    }
    if (text.startsWith("fd://")) {
      if (!FD.matcher(text).matches()) {
        throw invalid(text, "the one socket of the service manager is fd:// or fd://3");
      }
      return new Activated();
    }
    if (text.startsWith("npipe://")) {
      throw invalid(text, "named pipes are of Windows; want unix:///PATH or tcp://HOST:PORT");
    }
    if (!text.contains("://")) {
      throw invalid(text, "it names no protocol; want unix:///PATH or tcp://HOST:PORT");
    }
    Matcher tcp = TCP.matcher(text);
    if (!tcp.matches()) {
      throw invalid(text, "want unix:///PATH, tcp://HOST:PORT or fd://");
    }
    String host = tcp.group(1);
    int port = Integer.parseInt(tcp.group(2));
    if (port > 65_535) {
      throw invalid(text, "a port is at most 65535");
    }
    return new Tcp(host.startsWith("[") ? host.substring(1, host.length() - 1) : host, port);
  }

  private static BuildException invalid(String text, String why) {
    return new BuildException(Code.INVALID, "address '" + text + "': " + why);
  }
}
