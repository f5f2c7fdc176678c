package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/**
 * Dockerfiles as people write them, one directory below {@code testdata/dockerfiles} each, and the
 * images they give: every file, every member of the configuration, the history.
 */
@Tag("root")
class DockerfilesIT {
  private static final Path CASES = cases();

  private static final Set<String> DOCKER_ONLY = Set.of("Healthcheck", "OnBuild", "Shell");

  private static Lab lab;
  private static LoopbackRegistry registry;
  private static CaseFiles files;
  private static final Map<String, BaseImage> BASES = new LinkedHashMap<>();

  private static Path cases() {
    Path here = Path.of("").toAbsolutePath();
    Path found = here.resolve("testdata/dockerfiles");
    return Files.isDirectory(found) ? found : here.resolveSibling("testdata/dockerfiles");
  }

  @BeforeAll
  static void open() throws Exception {
    for (String program : List.of("tar", "skopeo", "git", "python3", "setcap")) {
      Commands.assumed(program);
    }
    lab = Lab.empty();
    registry = LoopbackRegistry.start(lab.directory());
    for (String script : Files.readAllLines(CASES.resolve("bases/order"))) {
      BaseImage image =
          BaseImage.make(
              CASES.resolve("bases").resolve(script), lab.directory(), BASES, registry.name());
      BASES.put(image.name(), image);
    }
    files = CaseFiles.open(CASES, lab.directory().resolve("cases"), registry.name());
  }

  @AfterAll
  static void close() throws IOException {
    if (files != null) {
      files.close();
    }
    if (registry != null) {
      registry.close();
    }
    if (lab != null) { // null when this machine can not build
      lab.close();
    }
  }

  @TestFactory
  Stream<DynamicTest> buildsToTheImageThatIsExpected() throws IOException {
    String only = System.getProperty("jbuild.dockerfiles", "");
    try (var directories = Files.list(CASES)) {
      return directories
          .filter(directory -> Files.exists(directory.resolve("expect")))
          .filter(directory -> only.isEmpty() || directory.endsWith(only))
          .sorted()
          .toList()
          .stream()
          .map(
              directory ->
                  DynamicTest.dynamicTest(
                      String.valueOf(directory.getFileName()), () -> check(directory)));
    }
  }

  private static void check(Path directory) throws Exception {
    String name = String.valueOf(directory.getFileName());
    Path context = files.prepare(name);
    Path archive = lab.directory().resolve(name + ".tar");
    DockerfileCase wanted =
        DockerfileCase.read(
            directory, text -> files.expand(name, text).replace("{archive}", archive.toString()));
    List<LayoutImage> images = build(wanted, context, archive);
    assertEquals(wanted.images().size(), images.size(), wanted.name() + ": images");
    var said = new ArrayList<String>();
    for (int i = 0; i < images.size(); i++) {
      said.add(wanted.images().get(i).differences(images.get(i), BASES, context));
    }
    assertEquals("", String.join("\n", said).strip(), wanted.name());
    if (images.size() == 1) {
      assertSeenBySkopeo(images.getFirst().config().path("config"), archive);
    }
    if (wanted.repeated()) {
      List<LayoutImage> again = build(wanted, context, archive, "--no-cache");
      assertEquals(images.getFirst().digest(), again.getFirst().digest(), wanted.name());
    }
    Files.delete(archive);
  }

  /** A reader of other people finds the same, but for what OCI does not know. */
  private static void assertSeenBySkopeo(JsonNode config, Path archive) throws Exception {
    JsonNode seen =
        LayoutImage.JSON
            .readTree(Commands.exec("skopeo", "inspect", "--config", "oci-archive:" + archive))
            .path("config");
    config.forEachEntry(
        (key, value) -> {
          if (!DOCKER_ONLY.contains(key)) {
            assertEquals(value, seen.path(key), key + " as skopeo sees it");
          }
        });
  }

  private static List<LayoutImage> build(
      DockerfileCase wanted, Path context, Path archive, String... more) throws IOException {
    var args = new ArrayList<>(List.of("--root", lab.root().toString(), "build"));
    args.add("--progress=plain");
    for (BaseImage base : BASES.values()) {
      args.add(
          "--build-context=" + base.name() + "=docker-image://" + base.reference(registry.name()));
    }
    boolean output = false;
    for (String flag : wanted.flags()) {
      output |= flag.startsWith("--output");
      args.add(flag);
    }
    if (!output) {
      args.add("--output=type=oci,dest=" + archive);
    }
    args.addAll(List.of(more));
    args.add(wanted.context().isEmpty() ? context.toString() : wanted.context());
    Files.deleteIfExists(archive);
    lab.run("", wanted.env(), args.toArray(String[]::new)).succeeds();
    return LayoutImage.read(archive);
  }
}
