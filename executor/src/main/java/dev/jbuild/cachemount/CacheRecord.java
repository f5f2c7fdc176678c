package dev.jbuild.cachemount;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.OptionalLong;

/**
 * What is kept of a cache directory, for whoever has to find room.
 *
 * @param id as builds give it, cut where it is very long
 * @param uses how many steps have used it
 * @param size in bytes on disk; empty when it was used since it was measured
 */
public record CacheRecord(
    String id, Instant created, Instant lastUsed, long uses, OptionalLong size) {
  private static final int VERSION = 1;
  private static final int MAX_ID = 1000;

  static CacheRecord made(String id, Instant now) {
    String shown = id.length() > MAX_ID ? id.substring(0, MAX_ID) : id;
    return new CacheRecord(shown, now, now, 0, OptionalLong.empty());
  }

  CacheRecord used(Instant now) {
    return new CacheRecord(id, created, now, uses + 1, OptionalLong.empty());
  }

  CacheRecord measured(long sizeBytes) {
    return new CacheRecord(id, created, lastUsed, uses, OptionalLong.of(sizeBytes));
  }

  /** The form's version, then the fields; times in milliseconds, an unknown size is -1. */
  byte[] toBytes() {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeUTF(id);
      out.writeLong(created.toEpochMilli());
      out.writeLong(lastUsed.toEpochMilli());
      out.writeLong(uses);
      out.writeLong(size.orElse(-1));
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  /**
   * @throws IOException when these are no such bytes
   */
  static CacheRecord read(byte[] bytes) throws IOException {
    try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      if (in.readByte() != VERSION) {
        throw new IOException("cache record of another version");
      }
      String id = in.readUTF();
      Instant created = Instant.ofEpochMilli(in.readLong());
      Instant lastUsed = Instant.ofEpochMilli(in.readLong());
      long uses = in.readLong();
      long size = in.readLong();
      var known = size < 0 ? OptionalLong.empty() : OptionalLong.of(size);
      return new CacheRecord(id, created, lastUsed, uses, known);
    }
  }
}
