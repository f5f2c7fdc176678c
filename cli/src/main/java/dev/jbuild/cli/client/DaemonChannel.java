package dev.jbuild.cli.client;

import dev.jbuild.cli.engine.Engines;
import dev.jbuild.cli.engine.TlsOptions;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.tls.PemFiles;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/** Makes connections to daemons, over Netty on the JDK's channels. */
final class DaemonChannel {
  private static final String UNIX = "unix://";
  private static final int METADATA_BYTES = 4 << 20;

  /** Both ways, on both sides. Source: reference wire-control, section 1. */
  private static final int MESSAGE_BYTES = 16 << 20;

  private DaemonChannel() {}

  /**
   * Prepares a connection, which is made at the first call.
   *
   * @throws BuildException INVALID when the address or a file of TLS can not be used
   */
  static ManagedChannel to(Engines.Daemon daemon, EventLoopGroup loop) {
    String address = daemon.address();
    NettyChannelBuilder builder;
    if (address.startsWith(UNIX)) {
      Path socket = Path.of(address.substring(UNIX.length()));
      builder =
          NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
              .overrideAuthority("localhost")
              .channelType(NioDomainSocketChannel.class)
              // gRPC sets it always, Netty then warns: null takes it away again.
              .withOption(ChannelOption.SO_KEEPALIVE, null)
              .usePlaintext();
    } else {
      builder = tcp(tcpAddress(address), daemon.tls());
    }
    return builder
        .eventLoopGroup(loop)
        .directExecutor()
        .maxInboundMessageSize(MESSAGE_BYTES)
        .maxInboundMetadataSize(METADATA_BYTES)
        .build();
  }

  private static NettyChannelBuilder tcp(InetSocketAddress address, @Nullable TlsOptions tls) {
    var builder = NettyChannelBuilder.forAddress(address).channelType(NioSocketChannel.class);
    if (tls == null) {
      return builder.overrideAuthority("localhost").usePlaintext();
    }
    String name = tls.serverName();
    return builder
        .overrideAuthority(name == null ? address.getHostString() : name)
        .sslContext(context(tls));
  }

  private static SslContext context(TlsOptions tls) {
    try {
      var builder = GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK);
      if (tls.ca() != null) {
        builder.trustManager(PemFiles.certificates(tls.ca()).toArray(X509Certificate[]::new));
      }
      if (tls.cert() != null && tls.key() != null) {
        builder.keyManager(
            PemFiles.key(tls.key()),
            PemFiles.certificates(tls.cert()).toArray(X509Certificate[]::new));
      }
      return builder.protocols("TLSv1.3", "TLSv1.2").build();
    } catch (IOException | IllegalArgumentException e) {
      throw new BuildException(Code.INVALID, "TLS to the daemon: " + e.getMessage(), e);
    }
  }

  private static InetSocketAddress tcpAddress(String address) {
    String rest = address.substring("tcp://".length());
    int colon = rest.lastIndexOf(':');
    try {
      String host = rest.substring(0, Math.max(0, colon)).replace("[", "").replace("]", "");
      return new InetSocketAddress(host, Integer.parseInt(rest.substring(colon + 1)));
    } catch (IllegalArgumentException e) {
      throw new BuildException(Code.INVALID, "address '" + address + "': want tcp://HOST:PORT", e);
    }
  }
}
