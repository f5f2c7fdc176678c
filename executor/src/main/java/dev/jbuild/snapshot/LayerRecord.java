package dev.jbuild.snapshot;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.json.DescriptorJson;
import dev.jbuild.oci.json.OciFormatException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the store keeps of a layer.
 *
 * @param below the image's layer that this one was made for; null for the lowest and for layers
 *     that were made here
 */
record LayerRecord(LayerCatalog.Facts facts, @Nullable LayerId below) {
  static final LayerRecord NOTHING =
      new LayerRecord(new LayerCatalog.Facts(null, null, "", List.of(), null), null);

  private static final int VERSION = 1;
  private static final int MAX_FORMS = 64;
  private static final int MAX_JSON_BYTES = 1 << 20;

  /** The form's version, then the fields; an absent one is an empty text. */
  byte[] toBytes() {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeUTF(below == null ? "" : below.value());
      Digest diffId = facts.diffId();
      out.writeUTF(diffId == null ? "" : diffId.toString());
      Descriptor pulled = facts.pulled();
      out.writeBoolean(pulled != null);
      if (pulled != null) {
        write(out, pulled);
      }
      out.writeUTF(facts.origin());
      out.writeInt(facts.made().size());
      for (Descriptor form : facts.made()) {
        write(out, form);
      }
      Instant created = facts.created();
      out.writeBoolean(created != null);
      if (created != null) {
        out.writeLong(created.getEpochSecond());
        out.writeInt(created.getNano());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  private static void write(DataOutputStream out, Descriptor descriptor) throws IOException {
    byte[] json = DescriptorJson.write(descriptor).toArray();
    out.writeInt(json.length);
    out.write(json);
  }

  /**
   * @throws IOException when these are no such bytes
   */
  static LayerRecord read(byte[] bytes) throws IOException {
    try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      if (in.readByte() != VERSION) {
        throw new IOException("layer record of another version");
      }
      String below = in.readUTF();
      String diffId = in.readUTF();
      Descriptor pulled = in.readBoolean() ? readDescriptor(in) : null;
      String origin = in.readUTF();
      int count = bounded(in.readInt(), MAX_FORMS);
      var made = new ArrayList<Descriptor>();
      for (int i = 0; i < count; i++) {
        made.add(readDescriptor(in));
      }
      Instant created =
          in.readBoolean() ? Instant.ofEpochSecond(in.readLong(), in.readInt()) : null;
      var facts =
          new LayerCatalog.Facts(
              diffId.isEmpty() ? null : Digest.parse(diffId), pulled, origin, made, created);
      return new LayerRecord(facts, below.isEmpty() ? null : new LayerId(below));
    } catch (IllegalArgumentException e) {
      throw new IOException("layer record is damaged", e);
    }
  }

  private static Descriptor readDescriptor(DataInputStream in) throws IOException {
    byte[] json = in.readNBytes(bounded(in.readInt(), MAX_JSON_BYTES));
    try {
      return DescriptorJson.read(Bytes.copyOf(json));
    } catch (OciFormatException e) {
      throw new IOException("layer record is damaged", e);
    }
  }

  private static int bounded(int value, int max) throws IOException {
    if (value < 0 || value > max) {
      throw new IOException("layer record is damaged: " + value + " is out of range");
    }
    return value;
  }

  /** The same with one more form; one of the same type is replaced. */
  LayerRecord with(Digest diffId, Descriptor form) {
    var made = new ArrayList<>(facts.made());
    made.removeIf(known -> known.mediaType().equals(form.mediaType()));
    Descriptor pulled = facts.pulled();
    if (pulled == null || !pulled.digest().equals(form.digest())) {
      made.add(form);
    }
    return new LayerRecord(
        new LayerCatalog.Facts(diffId, pulled, facts.origin(), made, facts.created()), below);
  }

  LayerRecord createdAt(Instant created) {
    return new LayerRecord(
        new LayerCatalog.Facts(
            facts.diffId(), facts.pulled(), facts.origin(), facts.made(), created),
        below);
  }
}
