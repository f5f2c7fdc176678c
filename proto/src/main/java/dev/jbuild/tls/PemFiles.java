package dev.jbuild.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads certificates and private keys: PKCS#8, PKCS#1 (RSA) and SEC 1 (elliptic curves), not
 * encrypted. Source: RFC 7468, RFC 5208, RFC 8017 appendix A.1.2, RFC 5915.
 */
public final class PemFiles {
  private static final int LIMIT_BYTES = 1 << 20;
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");
  private static final List<String> ALGORITHMS = List.of("EC", "RSA", "EdDSA", "RSASSA-PSS");

  private PemFiles() {}

  /**
   * All certificates of a file, in order; at least one.
   *
   * @throws IOException with the file's name, when there is none or it can not be read
   */
  public static List<X509Certificate> certificates(Path file) throws IOException {
    String text = text(file);
    var certificates = new ArrayList<X509Certificate>();
    try {
      var factory = CertificateFactory.getInstance("X.509");
      Matcher block = BLOCK.matcher(text);
      while (block.find()) {
        if (!block.group(1).endsWith("CERTIFICATE")) {
          continue;
        }
        Certificate read =
            factory.generateCertificate(new ByteArrayInputStream(bytes(file, block)));
        if (read instanceof X509Certificate certificate) {
          certificates.add(certificate);
        }
      }
    } catch (CertificateException e) {
      throw new IOException("'" + file + "': a certificate can not be read: " + e.getMessage(), e);
    }
    if (certificates.isEmpty()) {
      throw new IOException("'" + file + "' holds no certificate in PEM");
    }
    return certificates;
  }

  /**
   * The first private key of a file.
   *
   * @throws IOException with the file's name, when there is none or it can not be read
   */
  public static PrivateKey key(Path file) throws IOException {
    Matcher block = BLOCK.matcher(text(file));
    while (block.find()) {
      switch (block.group(1)) {
        case "PRIVATE KEY" -> {
          return key(file, bytes(file, block));
        }
        case "RSA PRIVATE KEY" -> {
          return key(file, traditional(file, block, true));
        }
        case "EC PRIVATE KEY" -> {
          return key(file, traditional(file, block, false));
        }
        case "ENCRYPTED PRIVATE KEY" -> throw encrypted(file);
        default -> {}
      }
    }
    throw new IOException("'" + file + "' holds no private key in PEM");
  }

  private static byte[] traditional(Path file, Matcher block, boolean rsa) throws IOException {
    if (block.group(2).contains("ENCRYPTED")) {
      throw encrypted(file);
    }
    byte[] key = bytes(file, block);
    try {
      return rsa ? Pkcs8.ofRsa(key) : Pkcs8.ofCurve(key);
    } catch (IllegalArgumentException e) {
      throw new IOException("'" + file + "': the private key is damaged: " + e.getMessage(), e);
    }
  }

  private static IOException encrypted(Path file) {
    return new IOException(
        "'" + file + "' holds an encrypted private key, which is not offered; decrypt it first");
  }

  private static PrivateKey key(Path file, byte[] pkcs8) throws IOException {
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      } catch (InvalidKeySpecException e) {
        // Of another algorithm, perhaps.
      } catch (GeneralSecurityException e) {
        throw new IOException("'" + file + "': " + e.getMessage(), e);
      }
    }
    throw new IOException(
        "'" + file + "': the private key is damaged, or neither RSA, EC nor EdDSA");
  }

  private static byte[] bytes(Path file, Matcher block) throws IOException {
    try {
      return Base64.getMimeDecoder().decode(block.group(2).strip());
    } catch (IllegalArgumentException e) {
      throw new IOException("'" + file + "': a block is no base64: " + e.getMessage(), e);
    }
  }

  private static String text(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return new String(in.readNBytes(LIMIT_BYTES), StandardCharsets.US_ASCII);
    } catch (NoSuchFileException e) {
      throw new IOException("'" + file + "' is not there", e);
    } catch (IOException e) {
      throw new IOException("'" + file + "' can not be read: " + e, e);
    }
  }
}
