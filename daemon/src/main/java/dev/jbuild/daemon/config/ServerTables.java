package dev.jbuild.daemon.config;

import dev.jbuild.daemon.config.ServerConfig.SocketOwner;
import dev.jbuild.daemon.config.ServerConfig.TlsFiles;
import dev.jbuild.error.BuildException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads {@code [grpc]} and {@code [[client]]}. */
final class ServerTables {
  private static final String PLAIN = "tcp-without-tls";

  private final ConfigTable grpc;

  private ServerTables(ConfigTable grpc) {
    this.grpc = grpc;
  }

  static ServerConfig server(ConfigTable grpc) {
    return new ServerTables(grpc).read();
  }

  private ServerConfig read() {
    var addresses = new ArrayList<ListenAddress>();
    for (String text : grpc.strings("address")) {
      addresses.add(parsed("address", text));
    }
    TlsFiles tls = tls(grpc.table("tls"));
    boolean plain = grpc.bool(PLAIN, false);
    for (ListenAddress address : addresses) {
      if (tls == null && address instanceof ListenAddress.Tcp tcp) {
        refuseOpen(tcp, plain);
      }
    }
    // Of Windows.
    grpc.tolerate("securityDescriptor");
    var server = new ServerConfig(addresses, new SocketOwner(uid(), group()), tls, debugAddress());
    grpc.warnOfOthers();
    return server;
  }

  private ListenAddress parsed(String key, String text) {
    try {
      return ListenAddress.parse(text);
    } catch (BuildException e) {
      throw grpc.invalid(key, e.message());
    }
  }

  /** Whoever reaches the daemon is root on the host: without TLS only this host may. */
  private void refuseOpen(ListenAddress.Tcp tcp, boolean plain) {
    if (!plain) {
      throw grpc.invalid(
          "address",
          "'"
              + tcp
              + "' needs TLS with client certificates: give --tlscert, --tlskey and --tlscacert,"
              + " or use a unix:// address; on loopback it may also be served without, to every"
              + " user of this host, with --"
              + PLAIN);
    }
    if (!loopback("address", tcp)) {
      throw grpc.invalid(
          "address",
          "'"
              + tcp
              + "' is not loopback and needs TLS with client certificates, also with --"
              + PLAIN
              + ": give --tlscert, --tlskey and --tlscacert, or use tcp://127.0.0.1:"
              + tcp.port());
    }
  }

  private boolean loopback(String key, ListenAddress.Tcp tcp) {
    try {
      return InetAddress.getByName(tcp.host()).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw grpc.invalid(key, "'" + tcp + "': no such host '" + tcp.host() + "'");
    }
  }

  private static @Nullable TlsFiles tls(ConfigTable table) {
    String cert = table.string("cert", "");
    String key = table.string("key", "");
    String ca = table.string("ca", "");
    table.warnOfOthers();
    if (cert.isEmpty() && key.isEmpty() && ca.isEmpty()) {
      return null;
    }
    if (cert.isEmpty() || key.isEmpty() || ca.isEmpty()) {
      String given = !cert.isEmpty() ? "cert" : !key.isEmpty() ? "key" : "ca";
      throw table.invalid(
          given,
          "TLS needs the server's certificate and key and the authority of its clients: give all"
              + " of --tlscert, --tlskey and --tlscacert");
    }
    return new TlsFiles(Path.of(cert), Path.of(key), Path.of(ca));
  }

  private @Nullable Integer uid() {
    return grpc.has("uid") ? grpc.number("uid", 0, 0, Integer.MAX_VALUE) : null;
  }

  private String group() {
    return grpc.isText("gid")
        ? grpc.string("gid", "")
        : grpc.has("gid") ? "" + grpc.number("gid", 0, 0, Integer.MAX_VALUE) : "";
  }

  /** Threads and memory of the process are nobody else's business. */
  private @Nullable ListenAddress debugAddress() {
    String text = grpc.string("debugAddress", "");
    if (text.isEmpty()) {
      return null;
    }
    String full =
        text.contains("://") ? text : "tcp://" + (text.startsWith(":") ? "127.0.0.1" : "") + text;
    ListenAddress address = parsed("debugAddress", full);
    if (address instanceof ListenAddress.Tcp tcp && !loopback("debugAddress", tcp)) {
      throw grpc.invalid(
          "debugAddress",
          "'"
              + text
              + "' is not loopback: who reaches it sees what the daemon does; use 127.0.0.1:"
              + tcp.port()
              + " or unix:///PATH");
    }
    if (address instanceof ListenAddress.Activated) {
      throw grpc.invalid("debugAddress", "'" + text + "': want HOST:PORT or unix:///PATH");
    }
    return address;
  }

  static List<ClientGrants> clients(List<ConfigTable> tables) {
    var clients = new ArrayList<ClientGrants>();
    for (ConfigTable table : tables) {
      var entitlements = RootTable.entitlements(table, "entitlements");
      clients.add(new ClientGrants(match(table), entitlements));
      table.warnOfOthers();
    }
    return clients;
  }

  private static ClientGrants.Match match(ConfigTable table) {
    var matches = new ArrayList<ClientGrants.Match>();
    for (String key : List.of("uid", "user")) {
      nameOrNumber(table, key).forEach(name -> matches.add(new ClientGrants.ByUser(name)));
    }
    for (String key : List.of("gid", "group")) {
      nameOrNumber(table, key).forEach(name -> matches.add(new ClientGrants.ByGroup(name)));
    }
    if (table.has("certificate")) {
      matches.add(new ClientGrants.ByCertificate(table.required("certificate")));
    }
    if (matches.size() > 1) {
      throw table.invalid("", "want one of uid, user, gid, group, certificate, got several");
    }
    return matches.isEmpty() ? new ClientGrants.Anyone() : matches.get(0);
  }

  private static List<String> nameOrNumber(ConfigTable table, String key) {
    if (!table.has(key)) {
      return List.of();
    }
    return List.of(
        table.isText(key) ? table.required(key) : "" + table.number(key, 0, 0, Integer.MAX_VALUE));
  }
}
