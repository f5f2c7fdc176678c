package dev.jbuild.cli.build;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code -t} and {@code --push} add to the outputs that are asked for. */
class TaggedOutputsTest {
  /** Names are whole: daemons look for them so. */
  private static final String A = "docker.io/library/a:latest";

  private static final String B = "docker.io/library/b:latest";

  @TempDir private Path directory;

  @BeforeEach
  void writeDockerfile() throws Exception {
    Files.writeString(directory.resolve("Dockerfile"), "FROM scratch\n");
  }

  private List<OutputSpec> outputs(List<String> tags, String... outputs) {
    return outputs(false, tags, outputs);
  }

  private List<OutputSpec> pushed(String... outputs) {
    return outputs(true, List.of("a"), outputs);
  }

  private List<OutputSpec> outputs(boolean push, List<String> tags, String... outputs) {
    var options =
        new BuildOptions(
            ".",
            null,
            tags,
            null,
            List.of(),
            List.of(),
            NetworkOptions.NONE,
            List.of(),
            false,
            List.of(),
            false,
            List.of(outputs),
            push,
            List.of(),
            List.of(),
            StepLimits.NONE,
            BuildOptions.ProgressMode.PLAIN,
            null,
            null,
            List.of(),
            List.of(),
            CallFlag.BUILD,
            null);
    return new BuildPlanner(Map.of(), directory, InputStream.nullInputStream())
        .plan(options)
        .outputs();
  }

  private static OutputSpec image(Map<String, String> attrs) {
    return new OutputSpec("image", attrs, null);
  }

  @Test
  void tagAloneStoresTheImage() {
    assertEquals(List.of(image(Map.of("name", A))), outputs(List.of("a")));
  }

  @Test
  void severalTagsAreNamesOfOneImage() {
    assertEquals(
        List.of(image(Map.of("name", A + ",docker.io/library/b:1"))), outputs(List.of("a", "b:1")));
  }

  @Test
  void tagStoresTheImageBesideAnArchiveOfThatName() {
    for (String type : List.of("oci", "docker")) {
      assertEquals(
          List.of(new OutputSpec(type, Map.of("name", A), "x.tar"), image(Map.of("name", A))),
          outputs(List.of("a"), "type=" + type + ",dest=x.tar"));
    }
  }

  @Test
  void tagStoresTheImageBesideFiles() {
    assertEquals(
        List.of(new OutputSpec("local", Map.of(), "out"), image(Map.of("name", A))),
        outputs(List.of("a"), "out"));
  }

  @Test
  void imageOutputThatIsAskedForTakesTheTagsName() {
    assertEquals(
        List.of(image(Map.of("name", A + "," + B, "push", "true"))),
        outputs(List.of("a", "b"), "type=image,push=true"));
  }

  @Test
  void withoutTagNothingIsStored() {
    assertEquals(
        List.of(new OutputSpec("oci", Map.of(), "x.tar")),
        outputs(List.of(), "type=oci,dest=x.tar"));
  }

  @Test
  void pushAlonePushesTheTaggedImage() {
    assertEquals(List.of(image(Map.of("name", A, "push", "true"))), pushed());
  }

  @Test
  void pushPushesTheImageThatIsAskedForWhateverComesFirst() {
    assertEquals(
        List.of(image(Map.of("name", "b", "push", "true", "store", "true"))),
        pushed("name=b,store=true,type=image"));
  }

  @Test
  void pushOverrulesAnImageThatIsNotPushed() {
    assertEquals(
        List.of(image(Map.of("name", A, "push", "true"))), pushed("type=image,push=false"));
  }

  @Test
  void pushBesideARegistryPushesOnce() {
    assertEquals(
        List.of(image(Map.of("name", "b", "push", "true"))), pushed("type=registry,name=b"));
  }

  @Test
  void pushBesideFilesPushesTheImage() {
    assertEquals(
        List.of(new OutputSpec("local", Map.of(), "out"), image(Map.of("name", A, "push", "true"))),
        pushed("type=local,dest=out"));
  }
}
