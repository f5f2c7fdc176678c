package dev.jbuild.agent.keys;

import dev.jbuild.oci.Bytes;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.Arrays;

/**
 * A key that signs. Source: RFC 4253 section 6.6, RFC 5656 section 3.1, RFC 8332, RFC 8709.
 *
 * @param kind such as {@code ssh-ed25519}
 * @param blob the public key as ssh sends it
 */
record SshKey(String kind, Bytes blob, String comment, PrivateKey secret) {
  private static final int RSA_SHA2_256 = 2;
  private static final int RSA_SHA2_512 = 4;

  /**
   * A signature as ssh sends it.
   *
   * @param flags of the request: which hash an RSA key uses
   */
  byte[] sign(byte[] data, int flags) throws GeneralSecurityException {
    return switch (kind) {
      case "ssh-rsa" -> {
        if ((flags & RSA_SHA2_512) != 0) {
          yield named("rsa-sha2-512", raw("SHA512withRSA", data));
        }
        yield (flags & RSA_SHA2_256) != 0
            ? named("rsa-sha2-256", raw("SHA256withRSA", data))
            : named(kind, raw("SHA1withRSA", data));
      }
      case "ecdsa-sha2-nistp256" -> named(kind, pair(raw("SHA256withECDSAinP1363Format", data)));
      case "ecdsa-sha2-nistp384" -> named(kind, pair(raw("SHA384withECDSAinP1363Format", data)));
      case "ecdsa-sha2-nistp521" -> named(kind, pair(raw("SHA512withECDSAinP1363Format", data)));
      default -> named(kind, raw("Ed25519", data));
    };
  }

  private byte[] raw(String algorithm, byte[] data) throws GeneralSecurityException {
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(secret);
    signature.update(data);
    return signature.sign();
  }

  /** Both halves as numbers of their own. */
  private static byte[] pair(byte[] halves) {
    int half = halves.length / 2;
    return new SshWriter()
        .integer(new BigInteger(1, Arrays.copyOf(halves, half)))
        .integer(new BigInteger(1, Arrays.copyOfRange(halves, half, halves.length)))
        .bytes();
  }

  private static byte[] named(String algorithm, byte[] signature) {
    return new SshWriter().text(algorithm).string(signature).bytes();
  }

  @Override
  public String toString() {
    return "SshKey[" + kind + " " + comment + "]";
  }
}
