package dev.jbuild.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.daemon.build.ToyEngine;
import dev.jbuild.llb.wire.DefinitionEncoder;
import dev.jbuild.tls.PemFiles;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import moby.buildkit.v1.ControlGrpc;
import moby.buildkit.v1.InfoRequest;
import moby.buildkit.v1.SolveRequest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class IdentityTest {
  private static final String LOOPBACK = "DNS:localhost,IP:127.0.0.1";

  /** Of a client, with empty SETTINGS. Source: RFC 9113, section 3.4. */
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0".getBytes(StandardCharsets.US_ASCII);

  @TempDir Path work;
  private final MultiThreadIoEventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private @Nullable ManagedChannel channel;

  @AfterEach
  void close() throws InterruptedException {
    if (channel != null) {
      channel.shutdownNow();
      assertTrue(channel.awaitTermination(10, TimeUnit.SECONDS));
    }
    loop.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS).await();
  }

  private Channel tls(int port, Path authority, Certificates.@Nullable Pair shown)
      throws IOException {
    var context =
        GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
            .trustManager(PemFiles.certificates(authority).toArray(X509Certificate[]::new));
    if (shown != null) {
      context.keyManager(
          PemFiles.key(shown.key()),
          PemFiles.certificates(shown.cert()).toArray(X509Certificate[]::new));
    }
    channel =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .channelType(NioSocketChannel.class)
            .eventLoopGroup(loop)
            .overrideAuthority("localhost")
            .sslContext(context.build())
            .build();
    return channel;
  }

  private static SSLSocket plainTls(Certificates authority, Certificates.Pair shown, int port)
      throws Exception {
    var keys = KeyStore.getInstance("PKCS12");
    keys.load(null, null);
    keys.setKeyEntry(
        "own",
        PemFiles.key(shown.key()),
        new char[0],
        PemFiles.certificates(shown.cert()).toArray(X509Certificate[]::new));
    keys.setCertificateEntry("ca", PemFiles.certificates(authority.authority()).get(0));
    var own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(keys, new char[0]);
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(keys);
    var context = SSLContext.getInstance("TLS");
    context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
    return (SSLSocket)
        context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
  }

  private Channel unix(Path socket) {
    channel =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .channelType(NioDomainSocketChannel.class)
            .withOption(ChannelOption.SO_KEEPALIVE, null)
            .eventLoopGroup(loop)
            .overrideAuthority("localhost")
            .usePlaintext()
            .build();
    return channel;
  }

  private static String answer(Channel to) {
    return ControlGrpc.newBlockingStub(to)
        .withDeadlineAfter(10, TimeUnit.SECONDS)
        .info(InfoRequest.getDefaultInstance())
        .getBuildkitVersion()
        .getPackage();
  }

  private static void solve(Channel to) {
    var definition = DefinitionEncoder.toWire(DefinitionEncoder.encode(ToyEngine.op("print")));
    var request =
        SolveRequest.newBuilder()
            .setRef("r")
            .setDefinition(definition)
            .addEntitlements("network.host")
            .build();
    assertEquals(
        0,
        ControlGrpc.newBlockingStub(to)
            .withDeadlineAfter(10, TimeUnit.SECONDS)
            .solve(request)
            .getExporterResponseCount());
  }

  private ServedDaemon daemon(Certificates certificates, Certificates.Pair own) throws IOException {
    Path config = work.resolve("c.toml");
    if (!Files.exists(config)) {
      Files.createFile(config);
    }
    return ServedDaemon.over(
        work.resolve("root"),
        " listens at tcp:",
        "--config=" + config,
        "--addr=tcp://127.0.0.1:0",
        "--tlscert=" + own.cert(),
        "--tlskey=" + own.key(),
        "--tlscacert=" + certificates.authority());
  }

  @Test
  void whoShowsACertificateIsAnswered() throws Exception {
    var certificates = Certificates.in(work);
    var server = certificates.signed("server", LOOPBACK, Certificates.CURVE_KEY);
    var client = certificates.signed("client", "DNS:ci.example.org", Certificates.RSA_KEY);
    try (var daemon = daemon(certificates, server)) {
      assertEquals("dev.jbuild", answer(tls(daemon.port(), certificates.authority(), client)));
    }
  }

  /** The remote driver of docker buildx offers none, and buildkitd asks for none. */
  @Test
  void aClientNeedNotAgreeOnTheProtocol() throws Exception {
    var certificates = Certificates.in(work);
    var server = certificates.signed("server", LOOPBACK, Certificates.CURVE_KEY);
    var client = certificates.signed("client", "DNS:ci.example.org", Certificates.CURVE_KEY);
    try (var daemon = daemon(certificates, server)) {
      try (var socket = plainTls(certificates, client, daemon.port())) {
        socket.getOutputStream().write(PREFACE);
        socket.getOutputStream().flush();
        byte[] head = socket.getInputStream().readNBytes(9);
        // The first frame of a server is SETTINGS, type 4, on stream 0.
        assertEquals(4, head[3]);
        assertEquals("", socket.getApplicationProtocol());
      }
    }
  }

  @Test
  void whoShowsNoneIsNotAnswered() throws Exception {
    var certificates = Certificates.in(work);
    var server = certificates.signed("server", LOOPBACK, Certificates.RSA_KEY);
    try (var daemon = daemon(certificates, server)) {
      Channel channel = tls(daemon.port(), certificates.authority(), null);
      var e = assertThrows(StatusRuntimeException.class, () -> answer(channel));
      assertEquals(Status.Code.UNAVAILABLE, e.getStatus().getCode());
    }
  }

  @Test
  void aCertificateOfAnotherAuthorityIsNotAnswered() throws Exception {
    var certificates = Certificates.in(work);
    var others = Certificates.in(Files.createDirectory(work.resolve("others")));
    var server = certificates.signed("server", LOOPBACK, Certificates.CURVE_KEY);
    var client = others.signed("client", "DNS:ci.example.org", Certificates.CURVE_KEY);
    try (var daemon = daemon(certificates, server)) {
      Channel channel = tls(daemon.port(), certificates.authority(), client);
      var e = assertThrows(StatusRuntimeException.class, () -> answer(channel));
      assertEquals(Status.Code.UNAVAILABLE, e.getStatus().getCode());
    }
  }

  @Test
  void aCertificateMayBeGrantedMoreThanAnother() throws Exception {
    Files.writeString(
        work.resolve("c.toml"),
        """
        insecure-entitlements = [ "network.host" ]
        [[client]]
          certificate = "ci.example.org"
          entitlements = [ "network.host" ]
        """);
    var certificates = Certificates.in(work);
    var server = certificates.signed("server", LOOPBACK, Certificates.CURVE_KEY);
    var trusted = certificates.signed("ci", "DNS:ci.example.org", Certificates.CURVE_KEY);
    var other = certificates.signed("other", "DNS:dev.example.org", Certificates.CURVE_KEY);
    try (var daemon = daemon(certificates, server)) {
      solve(tls(daemon.port(), certificates.authority(), trusted));
      close(channel);
      Channel second = tls(daemon.port(), certificates.authority(), other);
      refused("the certificate 'dev.example.org'", second);
    }
  }

  private static void close(@Nullable ManagedChannel open) throws InterruptedException {
    if (open != null) {
      open.shutdownNow();
      assertTrue(open.awaitTermination(10, TimeUnit.SECONDS));
    }
  }

  private static void refused(String client, Channel to) {
    var e = assertThrows(StatusRuntimeException.class, () -> solve(to));
    assertEquals(Status.Code.PERMISSION_DENIED, e.getStatus().getCode());
    assertEquals(
        "the request needs the entitlement network.host, which the daemon does not grant to "
            + client
            + ": put 'entitlements = [\"network.host\"]' into its [[client]] table in jbuildd.toml",
        e.getStatus().getDescription());
  }

  private ServedDaemon limited(String table) throws IOException {
    Path config = Files.writeString(work.resolve("c.toml"), table);
    return ServedDaemon.over(
        work.resolve("root"),
        " listens at unix:",
        "--config=" + config,
        "--addr=unix://" + work.resolve("d.sock"));
  }

  @Test
  void aUserOfTheHostIsKnownByItsProcess() throws Exception {
    Object uid = Files.getAttribute(work, "unix:uid");
    String table =
        "insecure-entitlements = [ \"network.host\" ]\n[[client]]\nuid = "
            + uid
            + "\nentitlements = [ \"network.host\" ]\n";
    try (var daemon = limited(table)) {
      solve(unix(work.resolve("d.sock")));
      assertTrue(daemon.said().contains("d.sock"));
    }
  }

  @Test
  void aUserWhoIsNotNamedIsGrantedNothingWhereOthersAre() throws Exception {
    String user = Files.getOwner(work).getName();
    String table =
        """
        insecure-entitlements = [ "network.host" ]
        [[client]]
          uid = 64123
          entitlements = [ "network.host" ]
        """;
    try (var daemon = limited(table)) {
      refused("the user '" + user + "'", unix(work.resolve("d.sock")));
      assertTrue(daemon.said().contains("d.sock"));
    }
  }
}
