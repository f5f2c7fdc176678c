package dev.jbuild.process.seccomp;

import dev.jbuild.process.spec.SeccompProfile;
import dev.jbuild.process.spec.SpecWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * Gives the BPF program of a profile, compiled once and kept on disk. Safe for use by several
 * threads.
 *
 * <p>A file is named after the profile and this class's version and ends with its own SHA-256, so
 * that one half written or damaged is compiled again.
 */
public final class FilterStore {
  private static final System.Logger LOG = System.getLogger(FilterStore.class.getName());

  /** Raised when the same profile compiles to something else. */
  private static final int VERSION = 1;

  private static final int DIGEST_BYTES = 32;

  /** {@code BPF_MAXINSNS} of 8 bytes. */
  private static final int MAX_PROGRAM_BYTES = 4096 * 8;

  private final Path directory;
  private final Map<SeccompProfile, Optional<byte[]>> loaded = new HashMap<>();

  /**
   * @param directory where programs are kept, made when missing
   */
  public FilterStore(Path directory) {
    this.directory = directory;
  }

  /**
   * The program as raw {@code struct sock_filter}s of this machine, or empty when libseccomp is
   * missing.
   */
  public synchronized Optional<byte[]> program(SeccompProfile profile) throws IOException {
    var known = loaded.get(profile);
    if (known == null) {
      known = profile.architectures().isEmpty() ? Optional.empty() : load(profile);
      loaded.put(profile, known);
    }
    return known.map(byte[]::clone);
  }

  private Optional<byte[]> load(SeccompProfile profile) throws IOException {
    var file = directory.resolve(name(profile) + ".bpf");
    var kept = read(file);
    if (kept.isPresent()) {
      return kept;
    }
    LibSeccomp library;
    try {
      library = new LibSeccomp();
    } catch (IllegalArgumentException missing) {
      LOG.log(
          System.Logger.Level.WARNING,
          "libseccomp.so.2 cannot be loaded ({0}): the runtime compiles the filter for each step",
          missing.getMessage());
      return Optional.empty();
    }
    Files.createDirectories(directory);
    var raw = Files.createTempFile(directory, "compile", ".tmp");
    try {
      library.compile(profile, raw);
      byte[] program = UnknownCalls.refuse(library.newestCalls(profile), Files.readAllBytes(raw));
      if (program.length > MAX_PROGRAM_BYTES) {
        throw new IOException("seccomp: filter of " + program.length + " bytes is too long");
      }
      var out = ByteBuffer.allocate(program.length + DIGEST_BYTES);
      Files.write(raw, out.put(program).put(sha256(program)).array());
      Files.move(raw, file, StandardCopyOption.ATOMIC_MOVE);
      return Optional.of(program);
    } finally {
      Files.deleteIfExists(raw);
    }
  }

  private static Optional<byte[]> read(Path file) throws IOException {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException absent) {
      return Optional.empty();
    }
    int length = bytes.length - DIGEST_BYTES;
    if (length <= 0 || length % 8 != 0 || length > MAX_PROGRAM_BYTES) {
      return Optional.empty();
    }
    byte[] program = Arrays.copyOf(bytes, length);
    byte[] digest = Arrays.copyOfRange(bytes, length, bytes.length);
    return Arrays.equals(digest, sha256(program)) ? Optional.of(program) : Optional.empty();
  }

  private static String name(SeccompProfile profile) {
    byte[] json = SpecWriter.write(profile);
    return HexFormat.of().formatHex(sha256(json), 0, 16) + "-" + VERSION;
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException(missing);
    }
  }
}
