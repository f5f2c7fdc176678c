package dev.jbuild.source.http;

import dev.jbuild.content.DiskFull;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.Kernel;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.registry.Answer;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.source.FilePlace;
import dev.jbuild.source.MadeLayers;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Locale;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.StringDataType;
import org.jspecify.annotations.Nullable;

/**
 * Files of the web that were brought, each in a layer of its own, with what their servers have said
 * of them. Safe for use by several threads.
 */
public final class Downloads {
  private static final int BUFFER_BYTES = 64 * 1024;
  private static final long STATUS_BYTES = 1 << 20;
  private static final int MAX_HEADER = 1000;

  private final MVStore store;
  private final MVMap<String, byte[]> records;
  private final MadeLayers layers;
  private final Kernel kernel;

  /**
   * @param store open; who opened it closes it
   */
  public Downloads(MVStore store, MadeLayers layers, Kernel kernel) {
    this.store = store;
    this.layers = layers;
    this.kernel = kernel;
    this.records =
        store.openMap(
            "http-downloads",
            new MVMap.Builder<String, byte[]>()
                .keyType(StringDataType.INSTANCE)
                .valueType(ByteArrayDataType.INSTANCE));
  }

  private static String key(String request) {
    return Bytes.utf8(request).digest().hex();
  }

  /** What a request gave last, unless its file is gone. */
  @Nullable Download find(String request) {
    byte[] bytes = records.get(key(request));
    try {
      Download known = bytes == null ? null : Download.read(bytes);
      return known != null && Files.isRegularFile(file(known)) ? known : null;
    } catch (IOException damaged) {
      return null;
    }
  }

  private Path file(Download download) {
    return layers.directory(download.layer()).resolve(download.fileName());
  }

  /** The digest of a file that was brought, with more bytes after it. */
  Checksum hash(Download known, String algorithm, Bytes suffix) throws IOException {
    MessageDigest hash = Checksum.hash(algorithm);
    try (var in = new DigestInputStream(Files.newInputStream(file(known)), hash)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    hash.update(suffix.toArray());
    return new Checksum(algorithm, HexFormat.of().formatHex(hash.digest()));
  }

  @Nullable LayerId layer(Digest key) {
    return layers.find(key).orElse(null);
  }

  /** The layer of what was read before, lying as a build wants it. */
  LayerId placed(Download known, FilePlace wanted) throws IOException, InterruptedException {
    FilePlace place = wanted.named(known.name());
    Digest key = place.key(known.digest().toString(), known.modifiedMillis());
    LayerId there = layer(key);
    if (there != null) {
      return there;
    }
    return layers.make(
        directory -> {
          Path target = directory.resolve(place.name());
          kernel.copyFile(file(known), target);
          place.describe(kernel, target, known.modifiedMillis());
          return key;
        });
  }

  /** A file that just comes in. */
  record Incoming(
      String url,
      Answer answer,
      String name,
      FilePlace wanted,
      @Nullable Checksum checksum,
      TransferProgress progress) {}

  /**
   * Brings an answer's body.
   *
   * @param request what was asked, so that it is found again
   * @throws BuildException DATA_LOSS when it is not what the build wants
   */
  Download receive(String request, Incoming incoming) throws IOException, InterruptedException {
    FilePlace place = incoming.wanted().named(incoming.name());
    String modified = header(incoming.answer(), "last-modified");
    long modifiedMillis = millis(modified);
    var hash = Digest.sha256();
    var digests = new ArrayList<Digest>();
    LayerId layer =
        layers.make(
            directory -> {
              Path target = directory.resolve(place.name());
              try (var out = new DigestOutputStream(Files.newOutputStream(target), hash)) {
                transfer(incoming, directory, out);
              } catch (IOException e) {
                throw DiskFull.orSame(directory, e);
              }
              place.describe(kernel, target, modifiedMillis);
              digests.add(Digest.ofHash(hash.digest()));
              Checksum checksum = incoming.checksum();
              return checksum == null
                  ? place.key(digests.getFirst().toString(), modifiedMillis)
                  : place.key(checksum.toString(), 0);
            });
    var download =
        new Download(
            header(incoming.answer(), "etag"),
            modified,
            modifiedMillis,
            digests.getFirst(),
            incoming.name(),
            layer,
            place.name());
    records.put(key(request), download.toBytes());
    store.commit();
    return download;
  }

  private void transfer(Incoming incoming, Path directory, OutputStream out) throws IOException {
    String id = incoming.url();
    long total = incoming.answer().length().orElse(0);
    if (total > directory.toFile().getUsableSpace()) {
      throw new BuildException(
          Code.RESOURCE_EXHAUSTED,
          id + ": " + total + " bytes do not fit on the disk of " + directory);
    }
    Checksum wanted = incoming.checksum();
    var check = wanted == null ? null : wanted.hash();
    var buffer = new byte[BUFFER_BYTES];
    long done = 0;
    long told = 0;
    for (int read; (read = incoming.answer().body().read(buffer)) >= 0; ) {
      out.write(buffer, 0, read);
      if (check != null) {
        check.update(buffer, 0, read);
      }
      done += read;
      if (done - told >= STATUS_BYTES) {
        told = done;
        incoming.progress().status(id, done, total, false);
      }
    }
    incoming.progress().status(id, done, done, true);
    if (wanted != null && check != null) {
      Checksum real = wanted.of(check.digest());
      if (!real.equals(wanted)) {
        throw new BuildException(
            Code.DATA_LOSS, id + " has digest " + real + ", the build wants " + wanted);
      }
    }
  }

  private static String header(Answer answer, String name) {
    String value = answer.header(name);
    return value.length() > MAX_HEADER ? "" : value;
  }

  /** A file whose server tells no time is from the epoch. */
  private static long millis(String lastModified) {
    try {
      var format = DateTimeFormatter.RFC_1123_DATE_TIME.withLocale(Locale.ROOT);
      return ZonedDateTime.parse(lastModified, format).toInstant().toEpochMilli();
    } catch (DateTimeException unknown) {
      return 0;
    }
  }
}
