package dev.jbuild.registry;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
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
 * @param ca PEM file that replaces the platform's certificates, or null
 */
record Tls(boolean verify, @Nullable Path ca) {

  static Tls of(HostConfig settings) {
    return new Tls(!settings.insecure(), settings.ca());
  }

  /** The context, or null for the platform's own. */
  @Nullable SSLContext context() throws IOException {
    if (verify && ca == null) {
      return null;
    }
    try {
      var context = SSLContext.getInstance("TLS");
      TrustManager[] trust =
          verify && ca != null ? trusting(ca) : new TrustManager[] {new TrustEveryone()};
      context.init(null, trust, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("certificates of " + ca + " cannot be used: " + e.getMessage(), e);
    }
  }

  private static TrustManager[] trusting(Path ca) throws IOException, GeneralSecurityException {
    Collection<? extends Certificate> certificates;
    try (InputStream in = Files.newInputStream(ca)) {
      certificates = CertificateFactory.getInstance("X.509").generateCertificates(in);
    }
    var keys = KeyStore.getInstance(KeyStore.getDefaultType());
    keys.load(null, null);
    int number = 0;
    for (Certificate certificate : certificates) {
      keys.setCertificateEntry("ca" + number++, certificate);
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
