package dev.jbuild.cli.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

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

  private void openssl(String arguments) throws IOException, InterruptedException {
    Commands.assumed("openssl");
    Commands.exec("sh", "-c", "cd '" + directory + "' && exec openssl " + arguments);
  }
}
