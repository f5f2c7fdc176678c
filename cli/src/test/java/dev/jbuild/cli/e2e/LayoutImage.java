package dev.jbuild.cli.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An image out of an OCI archive, all digests of which were computed again.
 *
 * @param digest of the manifest
 * @param layers the blobs, the lowest first, as they are stored
 */
record LayoutImage(String digest, JsonNode config, List<byte[]> layers) {
  static final JsonMapper JSON = new JsonMapper();

  /** The images of an archive in the order of its index; what is not as it should be throws. */
  static List<LayoutImage> read(Path archive) throws IOException {
    var files = new HashMap<String, byte[]>();
    for (TarBlob.Entry entry : TarBlob.read(Files.readAllBytes(archive))) {
      files.put(entry.name(), entry.content());
    }
    JsonNode layout = JSON.readTree(file(files, "oci-layout"));
    same("1.0.0", layout.path("imageLayoutVersion").asString(""));
    var images = new ArrayList<LayoutImage>();
    for (JsonNode descriptor : JSON.readTree(file(files, "index.json")).path("manifests")) {
      collect(files, descriptor, images);
    }
    return images;
  }

  private static void collect(
      Map<String, byte[]> files, JsonNode descriptor, List<LayoutImage> images) throws IOException {
    JsonNode document = JSON.readTree(blob(files, descriptor));
    same(
        descriptor.path("mediaType").asString(""),
        document.path("mediaType").asString("no media type"));
    if (document.has("manifests")) {
      for (JsonNode child : document.path("manifests")) {
        collect(files, child, images);
      }
      return;
    }
    JsonNode config = JSON.readTree(blob(files, document.path("config")));
    var layers = new ArrayList<byte[]>();
    for (JsonNode layer : document.path("layers")) {
      layers.add(blob(files, layer));
    }
    JsonNode diffIds = config.path("rootfs").path("diff_ids");
    same(layers.size(), diffIds.size());
    for (int i = 0; i < layers.size(); i++) {
      same(digest(TarBlob.plain(layers.get(i))), diffIds.get(i).asString());
    }
    images.add(new LayoutImage(descriptor.path("digest").asString(), config, layers));
  }

  private static byte[] blob(Map<String, byte[]> files, JsonNode descriptor) throws IOException {
    String digest = descriptor.path("digest").asString();
    byte[] bytes = file(files, "blobs/" + digest.replace(':', '/'));
    same(digest, digest(bytes));
    same(descriptor.path("size").asInt(), bytes.length);
    return bytes;
  }

  private static byte[] file(Map<String, byte[]> files, String name) throws IOException {
    byte[] bytes = files.get(name);
    if (bytes == null) {
      throw new IOException("the archive has no " + name);
    }
    return bytes;
  }

  private static void same(Object wanted, Object found) throws IOException {
    if (!wanted.equals(found)) {
      throw new IOException("wanted " + wanted + ", found " + found);
    }
  }

  static String digest(byte[] bytes) {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** {@code linux/arm/v7} */
  String platform() {
    String variant = config.path("variant").asString("");
    return config.path("os").asString("")
        + "/"
        + config.path("architecture").asString("")
        + (variant.isEmpty() ? "" : "/" + variant);
  }

  /** Its files above those of lower layers; what is wrong with its layers is added to a list. */
  LayerTree tree(int firstLayer, LayerTree below, List<String> wrong) throws IOException {
    var tree = new LayerTree(below);
    for (byte[] layer : layers.subList(firstLayer, layers.size())) {
      wrong.addAll(tree.apply(TarBlob.read(layer)));
    }
    return tree;
  }
}
