package dev.jbuild.network.dns;

import dev.jbuild.netplan.DnsSettings;
import java.io.Closeable;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Answers steps' questions for names at the gateway, by asking the resolvers that the build, the
 * configuration or the host names, in this order; never anybody else. Who asks is known by the
 * address; strangers are refused. Safe for use by several threads.
 *
 * <p>Bounds: 1024 questions at once, 256 of them of one step, over TCP 256 connections at once and
 * 8 of one step; what is more is dropped, and asked again by whoever wants to know.
 */
public final class NameServer implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(NameServer.class.getName());
  private static final int MAX_TRIES = 64;

  /** As far as the kernel allows: one step's burst should not push out the others' questions. */
  private static final int RECEIVE_BYTES = 1024 * 1024;

  private final NameServerConfig config;
  private final HostFile hostFile;
  private final Forwarder forwarder = new Forwarder();
  private final MessageIds ids = new MessageIds();
  private final Exchange udp;
  private final Exchange tcp;
  private final Map<InetAddress, NameClient> clients = new ConcurrentHashMap<>();
  private final Connections connections = new Connections();
  private final Object lock = new Object();
  private @Nullable Listening listening;
  private boolean closed;

  /** Opens nothing yet. */
  public NameServer(NameServerConfig config) {
    this.config = config;
    this.hostFile = new HostFile(config.hostFile());
    this.udp = new UdpExchange(config.sockets(), ids);
    this.tcp = new TcpExchange(config.sockets(), ids);
  }

  /** The sockets, all at one port. */
  private record Listening(
      List<InetAddress> gateways, int port, List<UdpListener> udp, List<TcpListener> tcp) {
    void close() {
      udp.forEach(NameServer::closeQuietly);
      tcp.forEach(NameServer::closeQuietly);
    }
  }

  /**
   * Begins to answer at these addresses, which the host must have already, by UDP and TCP at one
   * port that was free for all of them. To be called once.
   *
   * @return the port
   */
  public int listen(List<InetAddress> gateways) throws IOException {
    synchronized (lock) {
      if (closed || listening != null) {
        throw new IllegalStateException("name server listens already or is closed");
      }
      for (int tries = 1; listening == null; tries++) {
        listening = open(gateways, tries == MAX_TRIES);
      }
      var questions = new Questions(clients, connections);
      listening
          .udp()
          .forEach(each -> Thread.ofVirtual().name("dns-udp").start(() -> each.run(questions)));
      listening
          .tcp()
          .forEach(each -> Thread.ofVirtual().name("dns-tcp").start(() -> each.run(questions)));
      Thread.ofVirtual().name("dns-warm").start(this::warmUp);
      return listening.port();
    }
  }

  private void warmUp() {
    ids.next();
    Warmth.load();
  }

  private @Nullable Listening open(List<InetAddress> gateways, boolean last) throws IOException {
    var made = new Listening(List.copyOf(gateways), 0, new ArrayList<>(), new ArrayList<>());
    int port = 0;
    boolean whole = false;
    try {
      for (InetAddress gateway : gateways) {
        var channel = config.sockets().datagram(family(gateway));
        made.udp().add(new UdpListener(channel));
        channel.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BYTES);
        channel.bind(new InetSocketAddress(gateway, port));
        port = ((InetSocketAddress) channel.getLocalAddress()).getPort();
        var server = config.sockets().server(family(gateway));
        made.tcp().add(new TcpListener(server));
        server.bind(new InetSocketAddress(gateway, port));
      }
      whole = true;
      return new Listening(made.gateways(), port, made.udp(), made.tcp());
    } catch (BindException e) {
      if (last || port == 0) {
        throw e;
      }
      return null; // somebody has this port for TCP or at another address
    } finally {
      if (!whole) {
        made.close();
      }
    }
  }

  private static ProtocolFamily family(InetAddress address) {
    return address instanceof Inet6Address
        ? StandardProtocolFamily.INET6
        : StandardProtocolFamily.INET;
  }

  /**
   * Lets a step ask. The caller closes what it gets.
   *
   * @param stepAddresses nobody else's
   * @param settings of the step's build
   */
  public NameClient register(
      List<InetAddress> stepAddresses, DnsSettings settings, NameWatch watch) {
    var client = new NameClient(this, stepAddresses, settings, watch);
    for (InetAddress address : client.addresses()) {
      if (clients.putIfAbsent(address, client) != null) {
        client.close();
        throw new IllegalStateException("two steps at once have the address " + address);
      }
    }
    return client;
  }

  void remove(NameClient client) {
    for (InetAddress address : client.addresses()) {
      if (clients.remove(address, client)) {
        connections.closeAll(address);
      }
    }
  }

  Exchange udp() {
    return udp;
  }

  Exchange tcp() {
    return tcp;
  }

  Forwarder.Reply ask(DnsSettings settings, Question question, Exchange exchange) {
    var all = settings.orElse(config.dns()).orElse(hostFile.settings());
    var resolvers = Resolvers.of(all, config.port(), config.tryMillis());
    return forwarder.ask(resolvers, question, exchange);
  }

  /** The domains that a step's library tries names in. */
  List<String> search(DnsSettings settings) {
    return settings.orElse(config.dns()).orElse(hostFile.settings()).search();
  }

  /**
   * What a step's library is told: ask here. How long to wait for each of several resolvers is our
   * business, not the step's, unless somebody asked for it.
   */
  String resolvConf(DnsSettings settings) {
    List<InetAddress> gateways;
    synchronized (lock) {
      if (listening == null) {
        throw new IllegalStateException("name server does not listen");
      }
      gateways = listening.gateways();
    }
    var asked = settings.orElse(config.dns());
    var host = hostFile.settings();
    var all = asked.orElse(host);
    var text = new StringBuilder();
    if (all.servers().isEmpty()) {
      text.append("# no resolver: neither the build nor jbuild's configuration nor the host's ")
          .append(config.hostFile())
          .append(" names one, so no name is found\n");
    }
    gateways.forEach(
        gateway -> text.append("nameserver ").append(gateway.getHostAddress()).append('\n'));
    line(text, "search", all.search());
    line(
        text,
        "options",
        asked.options().isEmpty()
            ? host.options().stream().filter(option -> !Resolvers.honours(option)).toList()
            : asked.options());
    return text.toString();
  }

  private static void line(StringBuilder text, String word, List<String> values) {
    if (!values.isEmpty()) {
      text.append(word).append(' ').append(String.join(" ", values)).append('\n');
    }
  }

  /** Who is asked where a build names nobody. */
  public List<InetAddress> resolvers() {
    return config.dns().orElse(hostFile.settings()).servers();
  }

  /** Answers nobody any more. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      if (listening != null) {
        listening.close();
        listening = null;
      }
    }
    connections.close();
    clients.clear();
  }

  static void closeQuietly(Closeable resource) {
    try {
      resource.close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "dns: close", e);
    }
  }
}
