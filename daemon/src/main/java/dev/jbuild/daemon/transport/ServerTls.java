package dev.jbuild.daemon.transport;

import dev.jbuild.daemon.config.ServerConfig.TlsFiles;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.tls.PemFiles;
import io.grpc.ServerCredentials;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.InternalNettyServerCredentials;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.security.cert.X509Certificate;

/**
 * Mutual TLS, on the JDK's engine. HTTP/2 is offered, and taken for granted: see the negotiator.
 */
public final class ServerTls {
  private ServerTls() {}

  /**
   * Reads the files.
   *
   * @throws BuildException INVALID when one can not be used
   */
  public static ServerCredentials of(TlsFiles files, Connections connections) {
    try {
      var own = PemFiles.certificates(files.cert()).toArray(X509Certificate[]::new);
      var authorities = PemFiles.certificates(files.ca()).toArray(X509Certificate[]::new);
      SslContext context =
          GrpcSslContexts.configure(
                  SslContextBuilder.forServer(PemFiles.key(files.key()), own), SslProvider.JDK)
              .trustManager(authorities)
              .clientAuth(ClientAuth.REQUIRE)
              .protocols("TLSv1.3", "TLSv1.2")
              .build();
      return InternalNettyServerCredentials.create(new TlsNegotiator(context, connections));
    } catch (IOException | IllegalArgumentException e) {
      throw new BuildException(Code.INVALID, "TLS of the daemon: " + e.getMessage(), e);
    }
  }
}
