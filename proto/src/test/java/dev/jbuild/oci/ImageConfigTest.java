package dev.jbuild.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ImageConfigTest {
  private static final Instant OLD = Instant.parse("2020-01-01T00:00:00Z");
  private static final Instant NEW = Instant.parse("2024-01-01T00:00:00Z");
  private static final ImageConfig EMPTY = ImageConfig.scratch(new Platform("linux", "x86_64", ""));

  @Test
  void anEmptyImageHasAPathAndAWorkingDirectory() {
    assertEquals("linux/amd64", EMPTY.platform().toString());
    assertEquals("/", EMPTY.config().workingDir());
    assertEquals(
        List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        EMPTY.config().env());
  }

  @Test
  void aChangeLeavesAllElseAsItWas() {
    ContainerConfig full =
        new ContainerConfig(
            "u",
            List.of("A=1"),
            List.of("e"),
            List.of("c"),
            "/w",
            Map.of("l", "1"),
            "SIGINT",
            Set.of("80/tcp"),
            Set.of("/v"),
            true,
            Healthcheck.NONE,
            List.of("RUN x"),
            List.of("sh"),
            Map.of("X", new RawJson("1")));

    assertEquals(full, full.change().done());
    assertEquals("other", full.change().user("other").done().user());
    assertEquals(full, full.change().user("other").done().change().user("u").done());
  }

  @Test
  void aMissingHistoryLineIsAddedForALayer() {
    ImageConfig config =
        EMPTY
            .plusHistory(line(OLD, "base", false))
            .withLayers(List.of(layer(1, OLD), layer(2, NEW)));

    assertEquals(
        List.of(
            line(OLD, "base", false),
            new History(NEW, "layer 2", "buildkit.exporter.image.v0", false)),
        config.history());
    assertEquals(List.of(digest(1), digest(2)), config.diffIds());
    assertEquals(NEW, config.created());
  }

  @Test
  void surplusHistoryLinesAreMarkedFromTheEnd() {
    ImageConfig config =
        EMPTY
            .plusHistory(line(OLD, "a", false))
            .plusHistory(line(OLD, "b", true))
            .plusHistory(line(NEW, "c", false))
            .withLayers(List.of(layer(1, OLD)));

    assertEquals(
        List.of(line(OLD, "a", false), line(OLD, "b", true), line(NEW, "c", true)),
        config.history());
  }

  @Test
  void missingTimesComeFromLayersAndNeighbours() {
    ImageConfig config =
        EMPTY
            .plusHistory(line(OLD, "base", false))
            .plusHistory(line(null, "ENV", true))
            .plusHistory(line(null, "RUN", false))
            .plusHistory(line(null, "CMD", true))
            .withLayers(List.of(layer(1, null), layer(2, NEW)));

    assertEquals(
        List.of(
            line(OLD, "base", false),
            line(NEW, "ENV", true),
            line(NEW, "RUN", false),
            line(NEW, "CMD", true)),
        config.history());
  }

  @Test
  void aTimeThatWasSaidStays() {
    assertEquals(OLD, EMPTY.withCreated(OLD).withLayers(List.of(layer(1, NEW))).created());
    assertNull(EMPTY.withLayers(List.of()).created());
  }

  private static History line(@Nullable Instant created, String by, boolean empty) {
    return new History(created, by, "", empty);
  }

  private static ImageConfig.Layer layer(int id, @Nullable Instant created) {
    return new ImageConfig.Layer(digest(id), "layer " + id, created);
  }

  private static Digest digest(int id) {
    return Digest.of(new byte[] {(byte) id});
  }
}
