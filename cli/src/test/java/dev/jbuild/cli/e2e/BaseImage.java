package dev.jbuild.cli.e2e;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An image that Dockerfiles start from, made without jbuild: a shell script puts its files below
 * {@code $ROOT}, {@code tar} packs them, and a registry gets them by its protocol.
 *
 * @param name as in Dockerfiles
 * @param layers as pushed, the lowest first
 */
record BaseImage(
    String name, JsonNode config, List<byte[]> layers, List<JsonNode> history, LayerTree tree) {
  static final BaseImage SCRATCH =
      new BaseImage("", LayoutImage.JSON.createObjectNode(), List.of(), List.of(), new LayerTree());
  private static final String OCI = "application/vnd.oci.image.";
  private static final String DOCKER = "application/vnd.docker.";

  /**
   * Makes the image of a script. Its first lines are {@code # image NAME}, {@code # from NAME} and
   * {@code # config JSON}, whose members replace those of the image it is from; {@code # docker}
   * wants media types of Docker.
   */
  static BaseImage make(Path script, Path work, Map<String, BaseImage> made, String registry)
      throws IOException, InterruptedException {
    List<String> lines = Files.readAllLines(script);
    String name = value(lines, "# image ");
    String from = value(lines, "# from ");
    BaseImage base = from.isEmpty() ? SCRATCH : made.get(from);
    if (base == null) {
      throw new IOException(script + ": no image '" + from + "' comes before it");
    }
    Path root = Files.createDirectories(work.resolve("root-" + script.getFileName()));
    Path tar = work.resolve("layer.tar");
    Commands.sh(
        "umask 022; set -e; export ROOT='%s'; sh -e '%s'; cd \"$ROOT\"; tar --format=posix %s -cf '%s' *"
            .formatted(
                root,
                script,
                "--sort=name --numeric-owner --mtime=@1600000000 --xattrs --xattrs-include=*",
                tar));
    byte[] plain = Files.readAllBytes(tar);
    var bytes = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bytes)) {
      gzip.write(plain);
    }
    var layers = new ArrayList<byte[]>(base.layers);
    layers.add(bytes.toByteArray());
    ObjectNode config = config(base, value(lines, "# config "), name, LayoutImage.digest(plain));
    var history = new ArrayList<JsonNode>();
    config.path("history").forEach(history::add);
    var tree = new LayerTree(base.tree);
    List<String> wrong = tree.apply(TarBlob.read(bytes.toByteArray()));
    if (!wrong.isEmpty()) {
      throw new IOException(script + ": " + wrong);
    }
    var image = new BaseImage(name, config, layers, history, tree);
    image.push(registry, lines.contains("# docker"));
    return image;
  }

  private static String value(List<String> lines, String begin) {
    return lines.stream()
        .filter(line -> line.startsWith(begin))
        .map(line -> line.substring(begin.length()))
        .findFirst()
        .orElse("");
  }

  private static ObjectNode config(BaseImage base, String text, String name, String diffId) {
    ObjectNode config = LayoutImage.JSON.createObjectNode();
    config.put("architecture", "amd64").put("os", "linux").put("created", "2024-05-06T07:08:09Z");
    ObjectNode inner = config.putObject("config");
    base.config.path("config").forEachEntry(inner::set);
    LayoutImage.JSON.readTree(text.isEmpty() ? "{}" : text).forEachEntry(inner::set);
    ObjectNode rootfs = config.putObject("rootfs").put("type", "layers");
    ArrayNode diffIds = rootfs.putArray("diff_ids");
    base.config.path("rootfs").path("diff_ids").forEach(diffIds::add);
    diffIds.add(diffId);
    ArrayNode history = config.putArray("history");
    base.history.forEach(history::add);
    history
        .addObject()
        .put("created", "2024-05-06T07:08:09Z")
        .put("created_by", "ADD file:0123456789 in / ")
        .put("comment", "made for tests");
    history
        .addObject()
        .put("created", "2024-05-06T07:08:09.123456789Z")
        .put("created_by", "CMD [\"" + name + "\"]")
        .put("empty_layer", true);
    return config;
  }

  /** Where the registry has it. */
  String reference(String registry) {
    return registry + "/" + name;
  }

  private void push(String registry, boolean docker) throws IOException, InterruptedException {
    String types = docker ? DOCKER : OCI;
    int colon = name.lastIndexOf(':');
    String repository = "http://" + registry + "/v2/" + name.substring(0, colon) + "/";
    ObjectNode manifest = LayoutImage.JSON.createObjectNode().put("schemaVersion", 2);
    String type = types + (docker ? "distribution.manifest.v2+json" : "manifest.v1+json");
    manifest.put("mediaType", type);
    byte[] document = LayoutImage.JSON.writeValueAsBytes(config);
    try (var client = HttpClient.newHttpClient()) {
      describe(manifest.putObject("config"), document)
          .put("mediaType", types + (docker ? "container.image.v1+json" : "config.v1+json"));
      upload(client, repository, document);
      ArrayNode list = manifest.putArray("layers");
      for (byte[] layer : layers) {
        describe(list.addObject(), layer)
            .put(
                "mediaType", types + (docker ? "image.rootfs.diff.tar.gzip" : "layer.v1.tar+gzip"));
        upload(client, repository, layer);
      }
      put(
          client,
          repository + "manifests/" + name.substring(colon + 1),
          type,
          LayoutImage.JSON.writeValueAsBytes(manifest));
    }
  }

  private static ObjectNode describe(ObjectNode descriptor, byte[] blob) {
    return descriptor.put("digest", LayoutImage.digest(blob)).put("size", blob.length);
  }

  private static void upload(HttpClient client, String repository, byte[] blob)
      throws IOException, InterruptedException {
    var start =
        HttpRequest.newBuilder(URI.create(repository + "blobs/uploads/"))
            .POST(BodyPublishers.noBody())
            .build();
    String location =
        client
            .send(start, BodyHandlers.discarding())
            .headers()
            .firstValue("Location")
            .orElseThrow();
    put(client, location + "&digest=" + LayoutImage.digest(blob), "application/octet-stream", blob);
  }

  private static void put(HttpClient client, String url, String type, byte[] body)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create(url))
            .header("Content-Type", type)
            .PUT(BodyPublishers.ofByteArray(body))
            .build();
    var answer = client.send(request, BodyHandlers.ofByteArray());
    if (answer.statusCode() != 201) {
      throw new IOException(
          url + ": " + answer.statusCode() + new String(answer.body(), StandardCharsets.UTF_8));
    }
  }
}
