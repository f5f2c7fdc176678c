package dev.jbuild.agent.keys;

import dev.jbuild.oci.Bytes;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;

/**
 * An agent that has the keys of some files and gives none of them away. Immutable, for any thread.
 * Source: draft-ietf-sshm-ssh-agent, sections 3 to 5.
 */
public final class KeyAgent {
  private static final int MAX_FILE_BYTES = 100_000;
  private static final int FAILURE = 5;
  private static final int REQUEST_IDENTITIES = 11;
  private static final int IDENTITIES_ANSWER = 12;
  private static final int SIGN_REQUEST = 13;
  private static final int SIGN_RESPONSE = 14;

  private final List<SshKey> keys;

  private KeyAgent(List<SshKey> keys) {
    this.keys = List.copyOf(keys);
  }

  /**
   * @throws IOException with the file and what is wrong with it
   */
  public static KeyAgent of(List<Path> files) throws IOException {
    var keys = new ArrayList<SshKey>();
    for (Path file : files) {
      try (var in = Files.newInputStream(file)) {
        byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
        if (bytes.length > MAX_FILE_BYTES) {
          throw new IOException("is too long for a key");
        }
        keys.add(SshKeyReader.read(new String(bytes, StandardCharsets.US_ASCII)));
      } catch (IOException e) {
        throw new IOException("'" + file + "' " + e.getMessage(), e);
      }
    }
    return new KeyAgent(keys);
  }

  /** A connection to this agent, which ends when it is closed. */
  public ByteChannel connect() {
    return new KeyChannel(this);
  }

  /** The answer to a request, both without their lengths. What is not understood has failed. */
  byte[] answer(byte[] request) {
    try {
      var in = new SshReader(request);
      return switch (in.take(1)[0]) {
        case REQUEST_IDENTITIES -> identities();
        case SIGN_REQUEST -> signed(Bytes.copyOf(in.string()), in.string(), in.number());
        default -> failure();
      };
    } catch (IOException | GeneralSecurityException e) {
      return failure();
    }
  }

  private byte[] identities() {
    var out = new SshWriter().octet(IDENTITIES_ANSWER).number(keys.size());
    for (SshKey key : keys) {
      out.string(key.blob().toArray()).text(key.comment());
    }
    return out.bytes();
  }

  private byte[] signed(Bytes blob, byte[] data, int flags) throws GeneralSecurityException {
    for (SshKey key : keys) {
      if (key.blob().equals(blob)) {
        return new SshWriter().octet(SIGN_RESPONSE).string(key.sign(data, flags)).bytes();
      }
    }
    return failure();
  }

  private static byte[] failure() {
    return new byte[] {FAILURE};
  }
}
