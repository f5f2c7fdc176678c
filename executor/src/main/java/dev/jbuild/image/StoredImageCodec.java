package dev.jbuild.image;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.ImageRef;
import dev.jbuild.oci.Platform;
import dev.jbuild.oci.json.DescriptorJson;
import dev.jbuild.oci.json.OciFormatException;
import dev.jbuild.snapshot.LayerId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Records of the image store as bytes; the first one is the form's version. */
final class StoredImageCodec {
  private static final int VERSION = 1;
  private static final int MAX_ITEMS = 10_000;

  private StoredImageCodec() {}

  static byte[] write(StoredImage image) {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      write(out, DescriptorJson.write(image.root()));
      Instant stored = image.stored();
      out.writeLong(stored.getEpochSecond());
      out.writeInt(stored.getNano());
      out.writeInt(image.variants().size());
      for (StoredImage.Variant variant : image.variants()) {
        write(out, variant);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  private static void write(DataOutputStream out, StoredImage.Variant variant) throws IOException {
    Platform platform = variant.platform();
    out.writeUTF(platform.os());
    out.writeUTF(platform.architecture());
    out.writeUTF(platform.variant());
    out.writeUTF(platform.osVersion());
    out.writeInt(platform.osFeatures().size());
    for (String feature : platform.osFeatures()) {
      out.writeUTF(feature);
    }
    write(out, DescriptorJson.write(variant.manifest()));
    write(out, variant.config());
    out.writeInt(variant.layers().size());
    for (LayerId layer : variant.layers()) {
      out.writeUTF(layer.value());
    }
    out.writeLong(variant.sizeBytes());
  }

  private static void write(DataOutputStream out, Bytes bytes) throws IOException {
    out.writeInt(bytes.size());
    out.write(bytes.toArray());
  }

  /** Reads what {@link #write(StoredImage)} wrote. */
  static StoredImage read(String name, byte[] record) throws OciFormatException {
    try (var in = new DataInputStream(new ByteArrayInputStream(record))) {
      int version = in.readUnsignedByte();
      if (version != VERSION) {
        throw new OciFormatException("version: want " + VERSION + ", got " + version);
      }
      var root = DescriptorJson.read(bytes(in));
      var stored = Instant.ofEpochSecond(in.readLong(), in.readInt());
      List<StoredImage.Variant> variants = new ArrayList<>();
      for (int left = count(in); left > 0; left--) {
        variants.add(variant(in));
      }
      return new StoredImage(ImageRef.parse(name), root, stored, variants);
    } catch (EOFException e) {
      throw new OciFormatException("ends too early", e);
    } catch (OciFormatException e) {
      throw e;
    } catch (IOException e) {
      throw new OciFormatException(String.valueOf(e.getMessage()), e);
    }
  }

  private static StoredImage.Variant variant(DataInputStream in) throws IOException {
    String os = in.readUTF();
    String architecture = in.readUTF();
    String variant = in.readUTF();
    String version = in.readUTF();
    List<String> features = texts(in);
    var platform = new Platform(os, architecture, variant, version, features);
    var manifest = DescriptorJson.read(bytes(in));
    Bytes config = bytes(in);
    List<LayerId> layers = texts(in).stream().map(LayerId::new).toList();
    return new StoredImage.Variant(platform, manifest, config, layers, in.readLong());
  }

  private static List<String> texts(DataInputStream in) throws IOException {
    var texts = new ArrayList<String>();
    for (int left = count(in); left > 0; left--) {
      texts.add(in.readUTF());
    }
    return texts;
  }

  private static int count(DataInputStream in) throws IOException {
    int count = in.readInt();
    if (count < 0 || count > MAX_ITEMS) {
      throw new OciFormatException("count: want 0 to " + MAX_ITEMS + ", got " + count);
    }
    return count;
  }

  private static Bytes bytes(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > in.available()) {
      throw new EOFException();
    }
    return Bytes.copyOf(in.readNBytes(length));
  }
}
