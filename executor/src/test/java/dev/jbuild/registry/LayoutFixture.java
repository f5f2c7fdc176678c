package dev.jbuild.registry;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.ImageConfig;
import dev.jbuild.oci.Index;
import dev.jbuild.oci.Manifest;
import dev.jbuild.oci.MediaType;
import dev.jbuild.oci.OciDocument;
import dev.jbuild.oci.Platform;
import dev.jbuild.oci.json.DocumentJson;
import dev.jbuild.oci.json.ImageConfigJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Makes small images, in memory and as OCI layouts on disk. */
public final class LayoutFixture {
  private LayoutFixture() {}

  /**
   * An image whose layers each hold one file.
   *
   * @param blobs all of its blobs, the manifest among them
   */
  public record Image(
      Descriptor manifest, ImageConfig config, Bytes configJson, Map<Digest, Bytes> blobs) {
    public Image {
      blobs = Map.copyOf(blobs);
    }
  }

  /** A tar with one regular file. */
  public static byte[] tar(String name, byte[] content) {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes, 512)) {
      var entry = new TarArchiveEntry(name);
      entry.setSize(content.length);
      entry.setMode(0100644);
      entry.setModTime(0);
      tar.putArchiveEntry(entry);
      tar.write(content);
      tar.closeArchiveEntry();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return bytes.toByteArray();
  }

  public static byte[] gzip(byte[] plain) {
    var bytes = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bytes)) {
      gzip.write(plain);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return bytes.toByteArray();
  }

  /** An image with a gzip layer for each name, which is also the file's content. */
  public static Image image(Platform platform, String... files) {
    var blobs = new java.util.HashMap<Digest, Bytes>();
    var layers = new ArrayList<Descriptor>();
    var diffIds = new ArrayList<Digest>();
    for (String file : files) {
      byte[] tar = tar(file, file.getBytes(StandardCharsets.UTF_8));
      diffIds.add(Digest.of(tar));
      Bytes blob = Bytes.copyOf(gzip(tar));
      blobs.put(blob.digest(), blob);
      layers.add(Descriptor.of(MediaType.OCI_LAYER_GZIP, blob));
    }
    ImageConfig config = ImageConfig.scratch(platform).withDiffIds(diffIds);
    Bytes configJson = ImageConfigJson.write(config);
    blobs.put(configJson.digest(), configJson);
    var manifest =
        new Manifest(
            MediaType.OCI_MANIFEST, Descriptor.of(MediaType.OCI_CONFIG, configJson), layers);
    Bytes manifestJson = DocumentJson.write(manifest);
    blobs.put(manifestJson.digest(), manifestJson);
    Descriptor descriptor =
        Descriptor.of(MediaType.OCI_MANIFEST, manifestJson).withPlatform(platform);
    return new Image(descriptor, config, configJson, blobs);
  }

  /** An index of images. */
  public static Bytes index(List<Image> images) {
    OciDocument index =
        new Index(MediaType.OCI_INDEX, images.stream().map(Image::manifest).toList());
    return DocumentJson.write(index);
  }

  /** Writes a layout whose {@code index.json} names the image by a tag. */
  public static void write(Path directory, String tag, Image image) throws IOException {
    Path blobs = Files.createDirectories(directory.resolve("blobs/sha256"));
    for (Map.Entry<Digest, Bytes> blob : image.blobs().entrySet()) {
      Files.write(blobs.resolve(blob.getKey().hex()), blob.getValue().toArray());
    }
    Files.writeString(directory.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    Descriptor entry =
        image.manifest().withAnnotations(Map.of("org.opencontainers.image.ref.name", tag));
    OciDocument index = new Index(MediaType.OCI_INDEX, List.of(entry));
    Files.write(directory.resolve("index.json"), DocumentJson.write(index).toArray());
  }
}
