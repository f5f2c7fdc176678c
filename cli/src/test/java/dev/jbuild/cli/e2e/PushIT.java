package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Images go to a real registry; skopeo and another state directory say what is there. */
@Tag("root")
class PushIT {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String GREETING = "FROM base\nRUN echo hello > /greeting\n";

  private static final String REFUSED =
      "HEAD http://HOST/v2/app/blobs/sha256:HASH: 401; 'HOST' refused the credentials or wants"
          + " some: log in with 'docker login HOST', or check the name, as registries hide what"
          + " does not exist; the image stays in jbuild's own store as 'HOST%s': run the same build"
          + " again to push it";

  @TempDir static Path work;
  private static BuildHost host;
  private static LoopbackRegistry registry;
  private static LoopbackRegistry guarded;

  @BeforeAll
  static void open() throws Exception {
    Commands.assumed("skopeo");
    host = BuildHost.withBase(Files.createDirectories(work.resolve("host")));
    registry = LoopbackRegistry.start(Files.createDirectories(work.resolve("open")));
    guarded = LoopbackRegistry.guarded(Files.createDirectories(work.resolve("guarded")));
  }

  @AfterAll
  static void close() {
    if (registry != null) { // null when this machine can not build
      registry.close();
    }
    if (guarded != null) {
      guarded.close();
    }
  }

  private static String skopeo(String... args) throws Exception {
    return Commands.sh("skopeo " + String.join(" ", args));
  }

  private static JsonNode raw(String name) throws Exception {
    return JSON.readTree(
        skopeo("inspect", "--raw", "--tls-verify=false", "docker://" + registry.name() + name));
  }

  /** A directory with a {@code config.json} that has the guarded registry's password. */
  private static Path login(String password) throws IOException {
    String auth =
        Base64.getEncoder()
            .encodeToString(("builder:" + password).getBytes(StandardCharsets.UTF_8));
    Path directory = Files.createTempDirectory(work, "login");
    Files.writeString(
        directory.resolve("config.json"),
        "{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}".formatted(guarded.name(), auth));
    return directory;
  }

  private static Outcome pushGuarded(Path dockerConfig, String name) throws IOException {
    return host.jbuild(
        "",
        Map.of("JBUILD_ROOT", host.root().toString(), "DOCKER_CONFIG", dockerConfig.toString()),
        "build",
        "--progress=plain",
        "--push",
        "-t",
        guarded.name() + name,
        host.context(GREETING).toString());
  }

  /** The error, without what differs in each run. */
  private static String stable(Outcome refused) {
    return refused.error().replace(guarded.name(), "HOST").replaceAll("[0-9a-f]{64}", "HASH");
  }

  @Test
  void whatIsPushedIsBuiltUponElsewhere() throws Exception {
    String name = registry.name() + "/team/app:1";
    Outcome pushed = host.build(GREETING, "-t", name, "--push").succeeded();
    assertTrue(pushed.err().contains("pushing manifest for " + name + "@sha256:"), pushed.err());
    BuildHost other = BuildHost.at(Files.createDirectories(work.resolve("other")));

    Outcome built = other.build("FROM " + name + "\nRUN cat /greeting\n").succeeded();

    assertTrue(built.err().contains(" hello\n"), built.err());
  }

  @Test
  void outputOfTypeRegistryIsAPush() throws Exception {
    String name = registry.name() + "/output:2";
    host.build(GREETING, "-o", "type=registry,name=" + name).succeeded();

    assertEquals(2, raw("/output:2").get("schemaVersion").asInt());
  }

  @Test
  void anInsecurePushGoesOverToHttp() throws Exception {
    String name = registry.name() + "/insecure:1";
    Outcome pushed =
        host.build(GREETING, "-o", "type=registry,registry.insecure=true,name=" + name).succeeded();

    assertTrue(
        pushed.err().contains(registry.name() + ": does not speak TLS, going on with plain http"),
        pushed.err());
    assertEquals(2, raw("/insecure:1").get("schemaVersion").asInt());
  }

  @Test
  void anImageOnTopOfAPushedOneSharesItsLayers() throws Exception {
    host.build(GREETING, "--push", "-t", registry.name() + "/below:1").succeeded();
    BuildHost other = BuildHost.at(Files.createDirectories(work.resolve("above")));

    other
        .build(
            "FROM " + registry.name() + "/below:1\nCOPY Dockerfile /more\n",
            "--push",
            "-t",
            registry.name() + "/above:1")
        .succeeded();

    JsonNode below = raw("/below:1").get("layers");
    JsonNode above = raw("/above:1").get("layers");
    assertEquals(below.size() + 1, above.size());
    for (int i = 0; i < below.size(); i++) {
      assertEquals(below.get(i), above.get(i));
    }
  }

  /** How often the layers of an image were read from its repository, all together. */
  private static long reads(String repository, JsonNode layers) throws Exception {
    long reads = 0;
    for (JsonNode layer : layers) {
      String digest = layer.get("digest").asString();
      reads +=
          registry
              .log()
              .lines()
              .filter(line -> line.contains("GET /v2/" + repository + "/blobs/" + digest))
              .count();
    }
    return reads;
  }

  @Test
  void layersOfABaseThatNobodyReadAreMountedWithoutBeingPulled() throws Exception {
    String base = registry.name() + "/unread:1";
    host.build(GREETING, "--push", "-t", base).succeeded();
    JsonNode layers = raw("/unread:1").get("layers");
    BuildHost other = BuildHost.at(Files.createDirectories(work.resolve("mounting")));

    other
        .build("FROM " + base + "\nLABEL a=b\n", "--push", "-t", registry.name() + "/mounted:1")
        .succeeded();

    assertEquals(layers, raw("/mounted:1").get("layers"));
    assertEquals(0, reads("unread", layers), registry.log());
    // The log does tell of reads.
    BuildHost reader = BuildHost.at(Files.createDirectories(work.resolve("reading")));
    reader.build("FROM " + base + "\nRUN cat /greeting\n").succeeded();
    assertEquals(layers.size(), reads("unread", layers), registry.log());
  }

  @Test
  void layersOfAnotherRegistryArePulledOnceAndSent() throws Exception {
    String base = registry.name() + "/abroad:1";
    host.build(GREETING, "--push", "-t", base).succeeded();
    JsonNode layers = raw("/abroad:1").get("layers");
    BuildHost other = BuildHost.at(Files.createDirectories(work.resolve("abroad")));
    try (var target = LoopbackRegistry.start(Files.createDirectories(work.resolve("target")))) {
      String name = target.name() + "/copy:1";
      other.build("FROM " + base + "\nLABEL a=b\n", "--push", "-t", name).succeeded();
      assertEquals(
          layers,
          JSON.readTree(skopeo("inspect", "--raw", "--tls-verify=false", "docker://" + name))
              .get("layers"));
      assertEquals(layers.size(), reads("abroad", layers), registry.log());
      BuildHost third = BuildHost.at(Files.createDirectories(work.resolve("third")));
      third.build("FROM " + base + "\nLABEL a=b\n", "--push", "-t", name).succeeded();
      assertEquals(layers.size(), reads("abroad", layers), registry.log());
    }
  }

  @Test
  void severalNamesAreSetAtOnce() throws Exception {
    host.build(
            GREETING,
            "--push",
            "-t",
            registry.name() + "/one:a",
            "-t",
            registry.name() + "/one:b",
            "-t",
            registry.name() + "/two:a")
        .succeeded();

    assertEquals(raw("/one:a"), raw("/two:a"));
    assertEquals(raw("/one:a"), raw("/one:b"));
  }

  @Test
  void byDigestNoTagIsSet() throws Exception {
    Path metadata = work.resolve("metadata.json");
    host.build(
            GREETING,
            "-o",
            "type=image,push=true,push-by-digest=true,name=" + registry.name() + "/digest",
            "--metadata-file=" + metadata)
        .succeeded();
    String digest = JSON.readTree(metadata.toFile()).get("containerimage.digest").asString();

    assertEquals(2, raw("/digest@" + digest).get("schemaVersion").asInt());
    String tags =
        Commands.sh(
            "skopeo list-tags --tls-verify=false docker://"
                + registry.name()
                + "/digest"
                + " 2>&1 || true");
    assertFalse(tags.contains("latest"), tags);
  }

  @Test
  void severalPlatformsAreAnIndex() throws Exception {
    host.build(
            "FROM scratch\nARG TARGETARCH\nCOPY Dockerfile /f-$TARGETARCH\n",
            "--platform=linux/amd64,linux/arm64",
            "--push",
            "-t",
            registry.name() + "/many:1")
        .succeeded();

    JsonNode index = raw("/many:1");
    assertEquals(2, index.get("manifests").size(), index::toString);
    for (JsonNode manifest : index.get("manifests")) {
      String digest = manifest.get("digest").asString();
      assertEquals(1, raw("/many@" + digest).get("layers").size());
    }
  }

  @Test
  void anotherPushSendsNothingAgain() throws Exception {
    String first = registry.name() + "/again:1";
    host.build(GREETING, "--push", "-t", first).succeeded();
    String before = blobs();

    host.build(GREETING, "--push", "-t", first).succeeded();

    assertEquals(before, blobs());
  }

  /** The registry's files of blobs, with the time of each. */
  private static String blobs() throws Exception {
    return Commands.sh(
        "find "
            + work.resolve("open/registry")
            + " -path '*sha256*' -name data -printf '%p %T@\\n'"
            + " | sort");
  }

  @Test
  void theUserOfTheDockerConfigurationPushes() throws Exception {
    pushGuarded(login("secret"), "/app:1").succeeded();

    assertEquals(
        "sha256:",
        skopeo(
                "inspect",
                "--creds=builder:secret",
                "--tls-verify=false",
                "--format='{{.Digest}}'",
                "docker://" + guarded.name() + "/app:1")
            .substring(0, 7));
  }

  @Test
  void withoutLoginThePushIsRefused() throws Exception {
    Outcome refused = pushGuarded(Files.createTempDirectory(work, "empty"), "/app:2").endedWith(78);

    assertEquals(REFUSED.formatted("/app:2"), stable(refused));
  }

  @Test
  void aWrongPasswordIsRefused() throws Exception {
    Outcome refused = pushGuarded(login("wrong"), "/app:3").endedWith(78);

    assertEquals(REFUSED.formatted("/app:3"), stable(refused));
  }

  @Test
  void anImageWithoutANameIsNotPushed() throws Exception {
    Outcome refused = host.build(GREETING, "--push").endedWith(65);

    assertEquals(
        "output type=image: push=true wants a name: give one with -t or 'name'", refused.error());
    assertFalse(refused.err().contains("RUN"), refused.err());
  }

  @Test
  void aRegistryThatIsNotThereIsNamed() throws Exception {
    int port = HostServices.freePort();
    Outcome refused =
        host.build(GREETING, "--push", "-t", "localhost:" + port + "/app:1").endedWith(69);

    assertEquals(
        "HEAD http://localhost:PORT/v2/app/blobs/sha256:HASH: nothing accepts connections at"
            + " 'localhost:PORT': check that the registry runs and the port is right; the image stays in"
            + " jbuild's own store as 'localhost:PORT/app:1': run the same build again to push it",
        refused.error().replace(Integer.toString(port), "PORT").replaceAll("[0-9a-f]{64}", "HASH"));
    host.build("FROM localhost:" + port + "/app:1\n").succeeded();
  }

  @Test
  void aDaemonPushesWithTheClientsLogin() throws Exception {
    BuildHost served = BuildHost.withBase(Files.createDirectories(work.resolve("served")));
    try (var daemon = DaemonProcess.over(served)) {
      served
          .jbuild(
              "",
              Map.of("DOCKER_CONFIG", login("secret").toString()),
              "--addr=" + daemon.address(),
              "build",
              "--push",
              "-t",
              guarded.name() + "/served:1",
              served.context(GREETING).toString())
          .succeeded();
      Path directory = Files.createDirectories(work.resolve("buildx"));
      BuildxClient buildx = BuildxClient.at(directory, daemon.address());
      Files.copy(
          login("secret").resolve("config.json"), directory.resolve("docker-config/config.json"));
      Outcome pushed =
          buildx
              .build(served.context(GREETING), "--push", "-t", guarded.name() + "/buildx:1")
              .succeeded();
      assertTrue(
          pushed.err().contains("pushing manifest for " + guarded.name() + "/buildx:1@sha256:"),
          pushed.err());
      buildx
          .build(
              served.context(GREETING), "-o", "type=registry,name=" + registry.name() + "/buildx:2")
          .succeeded();
      assertEquals(2, raw("/buildx:2").get("schemaVersion").asInt());
    }
  }
}
