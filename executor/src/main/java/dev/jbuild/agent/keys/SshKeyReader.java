package dev.jbuild.agent.keys;

import dev.jbuild.oci.Bytes;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.KeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * Reads private keys without a passphrase: OpenSSH's form, and the older ones of RSA. Source:
 * openssh-portable, PROTOCOL.key; RFC 8017, appendix A.1.2; RFC 5208.
 */
final class SshKeyReader {
  private static final byte[] MAGIC = "openssh-key-v1\0".getBytes(StandardCharsets.US_ASCII);
  private static final String CONVERT =
      "; write it in OpenSSH's form with: ssh-keygen -p -N '' -f FILE";

  /** Version, and the algorithm: what stands before an RSA key in PKCS 8. */
  private static final byte[] RSA_PREFIX =
      HexFormat.of().parseHex("020100300d06092a864886f70d0101010500");

  private SshKeyReader() {}

  /**
   * @throws IOException when it is no such key, with what it is
   */
  static SshKey read(String text) throws IOException {
    String kind = between(text, "-----BEGIN ", "-----");
    if (!kind.endsWith("PRIVATE KEY")) {
      throw new IOException("is no private key");
    }
    String body = between(text, "-----BEGIN " + kind + "-----", "-----END " + kind + "-----");
    if (kind.startsWith("ENCRYPTED") || body.contains("ENCRYPTED")) {
      throw encrypted();
    }
    try {
      byte[] bytes = Base64.getMimeDecoder().decode(body);
      return switch (kind) {
        case "OPENSSH PRIVATE KEY" -> openssh(bytes);
        case "RSA PRIVATE KEY" -> rsa(wrapped(bytes));
        case "PRIVATE KEY" -> rsa(bytes);
        default -> throw new IOException("is a key of the form '" + kind + "'" + CONVERT);
      };
    } catch (IllegalArgumentException | GeneralSecurityException e) {
      throw new IOException("is a damaged key, or of a kind that is not known" + CONVERT, e);
    }
  }

  private static IOException encrypted() {
    return new IOException(
        "has a passphrase, which nobody can be asked for: add the key to an agent with ssh-add, and"
            + " give the agent");
  }

  private static String between(String text, String start, String end) throws IOException {
    int from = text.indexOf(start);
    int to = from < 0 ? -1 : text.indexOf(end, from + start.length());
    if (to < 0) {
      throw new IOException("is no private key");
    }
    return text.substring(from + start.length(), to);
  }

  private static SshKey openssh(byte[] bytes) throws IOException, GeneralSecurityException {
    var file = new SshReader(bytes);
    if (!Arrays.equals(file.take(MAGIC.length), MAGIC)) {
      throw new IOException("is no key of OpenSSH");
    }
    if (!file.text().equals("none")) {
      throw encrypted();
    }
    file.string(); // how a passphrase is made a key
    file.string();
    if (file.number() != 1) {
      throw new IOException("holds several keys, which nobody writes");
    }
    Bytes blob = Bytes.copyOf(file.string());
    var secret = new SshReader(file.string());
    int check = secret.number();
    if (check != secret.number()) {
      throw new IOException("is damaged: its check numbers differ");
    }
    String kind = secret.text();
    PrivateKey key =
        switch (kind) {
          case "ssh-ed25519" -> ed25519(secret);
          case "ssh-rsa" -> rsa(secret);
          case "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521" -> ecdsa(secret);
          default ->
              throw new IOException(
                  "is of kind '" + kind + "', which only an agent can use: add it with ssh-add");
        };
    return new SshKey(kind, blob, secret.text(), key);
  }

  private static PrivateKey made(String algorithm, KeySpec spec) throws GeneralSecurityException {
    return KeyFactory.getInstance(algorithm).generatePrivate(spec);
  }

  private static PrivateKey ed25519(SshReader in) throws IOException, GeneralSecurityException {
    in.string(); // the public half
    byte[] seed = Arrays.copyOf(in.string(), 32);
    return made("Ed25519", new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed));
  }

  private static PrivateKey rsa(SshReader in) throws IOException, GeneralSecurityException {
    BigInteger modulus = in.integer();
    BigInteger exponent = in.integer();
    BigInteger secret = in.integer();
    BigInteger coefficient = in.integer();
    BigInteger p = in.integer();
    BigInteger q = in.integer();
    if (p.compareTo(BigInteger.ONE) <= 0 || q.compareTo(BigInteger.ONE) <= 0) {
      throw new IOException("is a damaged key");
    }
    return made(
        "RSA",
        new RSAPrivateCrtKeySpec(
            modulus,
            exponent,
            secret,
            p,
            q,
            secret.mod(p.subtract(BigInteger.ONE)),
            secret.mod(q.subtract(BigInteger.ONE)),
            coefficient));
  }

  private static PrivateKey ecdsa(SshReader in) throws IOException, GeneralSecurityException {
    String curve = in.text().replace("nistp", "secp") + "r1";
    in.string(); // the public half
    BigInteger secret = in.integer();
    var parameters = AlgorithmParameters.getInstance("EC");
    parameters.init(new ECGenParameterSpec(curve));
    return made(
        "EC", new ECPrivateKeySpec(secret, parameters.getParameterSpec(ECParameterSpec.class)));
  }

  private static SshKey rsa(byte[] pkcs8) throws GeneralSecurityException {
    var key = (RSAPrivateCrtKey) made("RSA", new PKCS8EncodedKeySpec(pkcs8));
    Bytes blob =
        Bytes.copyOf(
            new SshWriter()
                .text("ssh-rsa")
                .integer(key.getPublicExponent())
                .integer(key.getModulus())
                .bytes());
    return new SshKey("ssh-rsa", blob, "", key);
  }

  /** PKCS 1 inside PKCS 8, which the JDK reads. */
  private static byte[] wrapped(byte[] pkcs1) {
    byte[] key = element(0x04, pkcs1);
    byte[] content = Arrays.copyOf(RSA_PREFIX, RSA_PREFIX.length + key.length);
    System.arraycopy(key, 0, content, RSA_PREFIX.length, key.length);
    return element(0x30, content);
  }

  /** Tag, length in four bytes, content. */
  private static byte[] element(int tag, byte[] content) {
    byte[] bytes = new byte[content.length + 6];
    bytes[0] = (byte) tag;
    bytes[1] = (byte) 0x84;
    for (int i = 0; i < 4; i++) {
      bytes[2 + i] = (byte) (content.length >>> (24 - 8 * i));
    }
    System.arraycopy(content, 0, bytes, 6, content.length);
    return bytes;
  }
}
