package dev.jbuild.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PemFilesTest {
  @TempDir Path directory;

  private static PrivateKey rsa() throws GeneralSecurityException {
    var generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    return generator.generateKeyPair().getPrivate();
  }

  private Path pem(String type, byte[] content) throws IOException {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    return Files.writeString(
        Files.createTempFile(directory, "key", ".pem"),
        "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n",
        StandardCharsets.US_ASCII);
  }

  @Test
  void keysInPkcs8AreRead() throws Exception {
    PrivateKey key = rsa();
    assertEquals(key, PemFiles.key(pem("PRIVATE KEY", key.getEncoded())));
  }

  @Test
  void keysInPkcs1AreRead() throws Exception {
    PrivateKey key = rsa();
    byte[] pkcs8 = key.getEncoded();
    // Outer sequence 4, version 3, algorithm 15, octet string's head 4.
    byte[] pkcs1 = Arrays.copyOfRange(pkcs8, 26, pkcs8.length);
    assertArrayEquals(pkcs8, PemFiles.key(pem("RSA PRIVATE KEY", pkcs1)).getEncoded());
  }

  @Test
  void keysOfCurvesAreReadAsOpensslWritesThem() throws Exception {
    var generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    byte[] pkcs8 = generator.generateKeyPair().getPrivate().getEncoded();
    int secretAt = HexFormat.of().formatHex(pkcs8).indexOf("0201010420") / 2 + 5;
    String secret = HexFormat.of().formatHex(pkcs8, secretAt, secretAt + 32);
    byte[] sec1 =
        HexFormat.of().parseHex("3031" + "020101" + "0420" + secret + "a00a06082a8648ce3d030107");
    var read = PemFiles.key(pem("EC PRIVATE KEY", sec1));
    assertEquals(secret, "%064x".formatted(((ECPrivateKey) read).getS()));
  }

  private void wrong(String message, Path file) {
    var e = assertThrows(IOException.class, () -> PemFiles.key(file));
    assertEquals(message.replace("FILE", "'" + file + "'"), e.getMessage());
  }

  @Test
  void whatIsNoKeyIsNamed() throws Exception {
    wrong("FILE is not there", directory.resolve("none.pem"));
    wrong("FILE holds no private key in PEM", pem("CERTIFICATE", new byte[3]));
    wrong(
        "FILE holds an encrypted private key, which is not offered; decrypt it first",
        pem("ENCRYPTED PRIVATE KEY", new byte[3]));
    wrong(
        "FILE: the private key is damaged, or neither RSA, EC nor EdDSA",
        pem("PRIVATE KEY", new byte[3]));
    wrong("FILE: the private key is damaged: want the tag 30", pem("EC PRIVATE KEY", new byte[3]));
  }

  @Test
  void aFileWithoutCertificateIsNamed() throws Exception {
    Path file = pem("PRIVATE KEY", new byte[3]);
    var e = assertThrows(IOException.class, () -> PemFiles.certificates(file));
    assertEquals("'" + file + "' holds no certificate in PEM", e.getMessage());
  }
}
