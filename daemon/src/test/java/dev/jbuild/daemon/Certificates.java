package dev.jbuild.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** An authority, made with openssl, and what it signs. */
record Certificates(Path directory) {

  /** A certificate with its key, PEM. */
  record Pair(Path cert, Path key) {}

  static Certificates in(Path directory) throws IOException, InterruptedException {
    Assumptions.assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/openssl")),
        "skipped: /usr/bin/openssl is missing; apt-get install openssl");
    var made = new Certificates(directory);
    made.openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority"
            + " -keyout ca.key -out ca.pem");
    return made;
  }

  Path authority() {
    return directory.resolve("ca.pem");
  }

  /**
   * A signed certificate.
   *
   * @param name file and subject
   * @param alternatives such as {@code DNS:localhost,IP:127.0.0.1}
   * @param keyCommand of openssl, without where to write
   */
  Pair signed(String name, String alternatives, String keyCommand)
      throws IOException, InterruptedException {
    openssl(keyCommand + " -out " + name + ".key");
    openssl("req -new -key " + name + ".key -subj /CN=" + name + " -out " + name + ".csr");
    Files.writeString(directory.resolve(name + ".ext"), "subjectAltName=" + alternatives + "\n");
    openssl(
        "x509 -req -days 2 -in %s.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile %s.ext -out %s.pem"
            .formatted(name, name, name));
    return new Pair(directory.resolve(name + ".pem"), directory.resolve(name + ".key"));
  }

  /** An elliptic curve's key as openssl has always written it, SEC 1. */
  static final String CURVE_KEY = "ecparam -name prime256v1 -genkey -noout";

  /** An RSA key in PKCS#1. */
  static final String RSA_KEY = "genrsa -traditional";

  private void openssl(String arguments) throws IOException, InterruptedException {
    var command = new ArrayList<String>(List.of("/usr/bin/openssl"));
    command.addAll(List.of(arguments.split(" ", -1)));
    var process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), arguments + ": " + said);
  }
}
