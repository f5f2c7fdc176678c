package dev.jbuild.cli.e2e;

import dev.jbuild.tls.PemFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** An authority of a test, made with openssl in a directory of its own. */
record Authority(Path directory) {

  /** A certificate and its key, PEM. */
  record Pair(Path cert, Path key) {}

  static Authority in(Path directory) throws Exception {
    var made = new Authority(Files.createDirectories(directory));
    made.openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority"
            + " -keyout ca.key -out ca.pem");
    return made;
  }

  Path certificate() {
    return directory.resolve("ca.pem");
  }

  /** A certificate of this authority, for so many days from now; from yesterday to now for none. */
  Pair signed(String name, String alternatives, int days) throws Exception {
    openssl(
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN="
            + name
            + " -keyout "
            + name
            + ".key -out "
            + name
            + ".csr");
    Files.writeString(directory.resolve(name + ".ext"), "subjectAltName=" + alternatives + "\n");
    openssl(
        "x509 -req -days "
            + days
            + " -in "
            + name
            + ".csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile "
            + name
            + ".ext -out "
            + name
            + ".pem");
    return new Pair(directory.resolve(name + ".pem"), directory.resolve(name + ".key"));
  }

  /** For a client that shows this certificate and trusts whom this authority has signed. */
  SSLContext context(Pair shown) throws Exception {
    var keys = KeyStore.getInstance("PKCS12");
    keys.load(null, null);
    keys.setKeyEntry(
        "own",
        PemFiles.key(shown.key()),
        new char[0],
        PemFiles.certificates(shown.cert()).toArray(X509Certificate[]::new));
    keys.setCertificateEntry("ca", PemFiles.certificates(certificate()).get(0));
    var own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(keys, new char[0]);
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(keys);
    var context = SSLContext.getInstance("TLS");
    context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  private void openssl(String arguments) throws IOException, InterruptedException {
    Commands.assumed("openssl");
    Commands.exec("sh", "-c", "cd '" + directory + "' && exec openssl " + arguments);
  }
}
