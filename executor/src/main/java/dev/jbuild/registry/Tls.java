package dev.jbuild.registry;

import dev.jbuild.tls.PemFiles;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Whom an https connection trusts.
 *
 * @param verify false trusts everyone
 * @param authorities PEM files that replace the platform's certificates, empty for those
 * @param keyPairs of the client, for registries that ask for one
 */
record Tls(boolean verify, List<Path> authorities, List<HostConfig.KeyPair> keyPairs) {
  Tls {
    authorities = List.copyOf(authorities);
    keyPairs = List.copyOf(keyPairs);
  }

  /** Without a certificate of the client. */
  Tls(boolean verify, @Nullable Path ca) {
    this(verify, ca == null ? List.of() : List.of(ca), List.of());
  }

  static Tls of(HostConfig settings) {
    return new Tls(!settings.insecure(), settings.authorities(), settings.keyPairs());
  }

  /** The context, or null for the platform's own. */
  @Nullable SSLContext context() throws IOException {
    if (verify && authorities.isEmpty() && keyPairs.isEmpty()) {
      return null;
    }
    try {
      var context = SSLContext.getInstance("TLS");
      TrustManager[] trust =
          !verify
              ? new TrustManager[] {new TrustEveryone()}
              : authorities.isEmpty() ? null : trusting(authorities);
      context.init(keyPairs.isEmpty() ? null : showing(keyPairs), trust, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("TLS of a registry cannot be set up: " + e.getMessage(), e);
    }
  }

  private static KeyManager[] showing(List<HostConfig.KeyPair> pairs)
      throws IOException, GeneralSecurityException {
    var keys = KeyStore.getInstance(KeyStore.getDefaultType());
    keys.load(null, null);
    for (HostConfig.KeyPair pair : pairs) {
      var chain = PemFiles.certificates(pair.cert()).toArray(Certificate[]::new);
      keys.setKeyEntry("own" + keys.size(), PemFiles.key(pair.key()), new char[0], chain);
    }
    var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(keys, new char[0]);
    return factory.getKeyManagers();
  }

  private static TrustManager[] trusting(List<Path> files)
      throws IOException, GeneralSecurityException {
    var keys = KeyStore.getInstance(KeyStore.getDefaultType());
    keys.load(null, null);
    for (Path file : files) {
      for (Certificate certificate : PemFiles.certificates(file)) {
        keys.setCertificateEntry("ca" + keys.size(), certificate);
      }
    }
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(keys);
    return factory.getTrustManagers();
  }

  /** Being an extended one, it also stands in for the check of the host's name. */
  private static final class TrustEveryone extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
