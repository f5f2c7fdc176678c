package dev.jbuild.solver.cache.file;

import dev.jbuild.oci.Digest;
import dev.jbuild.solver.cache.CacheRecord;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.WriteBuffer;
import org.h2.mvstore.type.BasicDataType;
import org.jspecify.annotations.Nullable;

/**
 * The form of a record in the file: length and CRC-32C of what follows, as H2 does not check pages;
 * a version byte; id and op as 32 bytes each; output, time in milliseconds; result id and name; the
 * inputs. Numbers are variable-length integers, texts UTF-8 with their length before them, an
 * absent digest is a zero byte and a present one follows a one.
 */
final class RecordType extends BasicDataType<CacheRecord> {
  private static final byte VERSION = 1;
  private static final int DIGEST_BYTES = 32;

  /** Rough memory of a record without its texts and inputs, and of an input. */
  private static final int RECORD_MEMORY = 400;

  private static final int INPUT_MEMORY = 300;

  @Override
  public int getMemory(CacheRecord record) {
    return RECORD_MEMORY
        + 2 * (record.name().length() + record.resultId().length())
        + INPUT_MEMORY * record.inputs().size();
  }

  @Override
  public void write(WriteBuffer buffer, CacheRecord record) {
    var body = new WriteBuffer(RECORD_MEMORY);
    writeBody(body, record);
    byte[] bytes = Arrays.copyOf(body.getBuffer().array(), body.position());
    buffer.putVarInt(bytes.length).putInt(checksum(bytes)).put(bytes);
  }

  @Override
  public CacheRecord read(ByteBuffer buffer) {
    byte[] bytes = new byte[length(buffer, Integer.BYTES)];
    int expected = buffer.getInt();
    buffer.get(bytes);
    if (checksum(bytes) != expected) {
      throw new IllegalStateException("cache record: its checksum does not match");
    }
    return readBody(ByteBuffer.wrap(bytes));
  }

  @Override
  public CacheRecord[] createStorage(int size) {
    return new CacheRecord[size];
  }

  private static int checksum(byte[] bytes) {
    var sum = new CRC32C();
    sum.update(bytes);
    return (int) sum.getValue();
  }

  private static void writeBody(WriteBuffer buffer, CacheRecord record) {
    buffer.put(VERSION);
    write(buffer, record.id());
    write(buffer, record.op());
    buffer.putVarInt(record.output());
    buffer.putVarLong(record.created().toEpochMilli());
    write(buffer, record.resultId());
    write(buffer, record.name());
    buffer.putVarInt(record.inputs().size());
    for (CacheRecord.Input input : record.inputs()) {
      writeOptional(buffer, input.id());
      write(buffer, input.selector());
      writeOptional(buffer, input.content());
    }
  }

  private static CacheRecord readBody(ByteBuffer buffer) {
    byte version = buffer.get();
    if (version != VERSION) {
      throw new IllegalStateException("cache record: unknown version " + version);
    }
    Digest id = readDigest(buffer);
    Digest op = readDigest(buffer);
    int output = DataUtils.readVarInt(buffer);
    Instant created = Instant.ofEpochMilli(DataUtils.readVarLong(buffer));
    String resultId = readText(buffer);
    String name = readText(buffer);
    int count = length(buffer, 0);
    var inputs = new ArrayList<CacheRecord.Input>();
    for (int i = 0; i < count; i++) {
      Digest input = readOptional(buffer);
      String selector = readText(buffer);
      inputs.add(new CacheRecord.Input(input, selector, readOptional(buffer)));
    }
    return new CacheRecord(id, op, output, inputs, resultId, created, name);
  }

  private static void write(WriteBuffer buffer, Digest digest) {
    buffer.put(HexFormat.of().parseHex(digest.hex()));
  }

  private static void write(WriteBuffer buffer, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    buffer.putVarInt(bytes.length).put(bytes);
  }

  private static void writeOptional(WriteBuffer buffer, @Nullable Digest digest) {
    buffer.put((byte) (digest == null ? 0 : 1));
    if (digest != null) {
      write(buffer, digest);
    }
  }

  private static Digest readDigest(ByteBuffer buffer) {
    byte[] hash = new byte[DIGEST_BYTES];
    buffer.get(hash);
    return Digest.ofHash(hash);
  }

  private static @Nullable Digest readOptional(ByteBuffer buffer) {
    return buffer.get() == 0 ? null : readDigest(buffer);
  }

  private static String readText(ByteBuffer buffer) {
    byte[] bytes = new byte[length(buffer, 0)];
    buffer.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** A length that what is left after so many more bytes can hold. */
  private static int length(ByteBuffer buffer, int more) {
    int length = DataUtils.readVarInt(buffer);
    if (length < 0 || length > buffer.remaining() - more) {
      throw new IllegalStateException("cache record: a length of " + length + " is too much");
    }
    return length;
  }
}
