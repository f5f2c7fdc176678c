package dev.jbuild.oci.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.ContainerConfig;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.Healthcheck;
import dev.jbuild.oci.History;
import dev.jbuild.oci.ImageConfig;
import dev.jbuild.oci.Platform;
import dev.jbuild.oci.RawJson;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ImageConfigJsonTest {
  private static final String LAYER =
      "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";

  /** In the form that jbuild writes: compact, keys sorted. */
  private static final String FULL =
      "{\"architecture\":\"arm\",\"author\":\"me\",\"config\":{\"ArgsEscaped\":true,"
          + "\"Cmd\":[\"-x\"],\"Domainname\":\"\",\"Entrypoint\":[\"/bin/app\"],"
          + "\"Env\":[\"PATH=/bin\",\"A=<&>\"],\"ExposedPorts\":{\"53/udp\":{},\"80/tcp\":{}},"
          + "\"Healthcheck\":{\"Interval\":30000000000,\"Retries\":3,\"StartInterval\":5,"
          + "\"StartPeriod\":4,\"Test\":[\"CMD-SHELL\",\"true\"],\"Timeout\":3,"
          + "\"Vendor\":1.50},\"Labels\":{\"a\":\"\",\"b\":\"ü\"},\"Memory\":1e3,"
          + "\"OnBuild\":[\"RUN x\"],\"Shell\":[\"/bin/bash\",\"-c\"],\"StopSignal\":\"SIGINT\","
          + "\"User\":\"1000:1000\",\"Volumes\":{\"/data\":{}},\"WorkingDir\":\"/app\"},"
          + "\"created\":\"2024-02-29T12:00:00.12Z\",\"docker_version\":\"20.10\","
          + "\"history\":[{\"created\":\"2024-02-29T12:00:00Z\",\"created_by\":\"RUN a # buildkit\","
          + "\"author\":\"me\",\"comment\":\"buildkit.dockerfile.v0\",\"x\":[1,{\"y\":null}]},"
          + "{\"created_by\":\"CMD\",\"empty_layer\":true}],\"os\":\"linux\","
          + "\"os.features\":[\"f\"],\"os.version\":\"1\",\"rootfs\":{\"type\":\"layers\","
          + "\"diff_ids\":[\""
          + LAYER
          + "\"]},\"variant\":\"v7\",\"vendor\":{\"deep\":[true,false,null,-0.10]}}";

  @Test
  void everyKeyIsReadAndWrittenAgain() throws Exception {
    assertEquals(FULL, ImageConfigJson.write(read(FULL)).toUtf8());
  }

  @Test
  void theValuesAreUnderstood() throws Exception {
    ImageConfig config = read(FULL);

    assertEquals(new Platform("linux", "arm", "v7", "1", List.of("f")), config.platform());
    assertEquals(Instant.parse("2024-02-29T12:00:00.120Z"), config.created());
    assertEquals(List.of(Digest.parse(LAYER)), config.diffIds());
    assertEquals(new History(null, "CMD", "", true), config.history().getLast());
    assertEquals(Set.of("80/tcp", "53/udp"), config.config().exposedPorts());
    assertEquals(
        new Healthcheck(
            List.of("CMD-SHELL", "true"),
            Duration.ofSeconds(30),
            Duration.ofNanos(3),
            Duration.ofNanos(4),
            Duration.ofNanos(5),
            3,
            Map.of("Vendor", new RawJson("1.50"))),
        config.config().healthcheck());
    assertEquals(
        Map.of("Domainname", new RawJson("\"\""), "Memory", new RawJson("1e3")),
        config.config().unknown());
  }

  @Test
  void whatGoWritesAsNullIsAbsent() throws Exception {
    ImageConfig config =
        read(
            "{\"architecture\":\"amd64\",\"os\":\"linux\",\"created\":null,\"history\":null,"
                + "\"config\":{\"Cmd\":null,\"Env\":null,\"Labels\":null,\"Volumes\":null,"
                + "\"Healthcheck\":null,\"OnBuild\":null},"
                + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":null}}");

    assertEquals(ContainerConfig.EMPTY, config.config());
    assertEquals(
        "{\"architecture\":\"amd64\",\"config\":{},\"os\":\"linux\","
            + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}",
        ImageConfigJson.write(config).toUtf8());
  }

  @Test
  void aTimeWithAnOffsetIsReadAsUtc() throws Exception {
    assertEquals(
        Instant.parse("2024-01-01T00:00:00Z"),
        read("{\"created\":\"2024-01-01T01:30:00+01:30\"}").created());
  }

  @Test
  void faultsAreNamedWithTheirPlace() {
    refused("[]", "document: want an object, got an array");
    refused("{\"config\":[]}", "config: want an object, got an array");
    refused("{\"config\":{\"Env\":\"A=1\"}}", "config.Env: want an array, got a string");
    refused("{\"config\":{\"Env\":[\"A\",1]}}", "config.Env[1]: want a string, got a number");
    refused(
        "{\"rootfs\":{\"diff_ids\":[\"sha512:0\"]}}",
        "rootfs.diff_ids[0]: want 'sha256:' and 64 hex digits, got 'sha512:0'");
    refused("{\"created\":\"today\"}", "created: want an RFC 3339 time, got 'today'");
    refused(
        "{\"history\":[{},{\"empty_layer\":1}]}",
        "history[1].empty_layer: want a boolean, got a number");
    refused(
        "{\"config\":{\"Healthcheck\":{\"Interval\":1.5}}}",
        "config.Healthcheck.Interval: want an integer of 64 bits, got 1.5");
    refused(
        "{\"config\":{\"Healthcheck\":{\"Retries\":4294967296}}}",
        "config.Healthcheck.Retries: is out of range: 4294967296");
  }

  @Test
  void mutatedConfigsAreReadOrRefusedCleanly() {
    long seed = Long.getLong("jbuild.seed", System.nanoTime());
    var random = new Random(seed);
    byte[] whole = Bytes.utf8(FULL).toArray();
    String alphabet = "{}[]\",:0123456789eE+-.\\ nulltruefas";
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = whole.clone();
      for (int change = random.nextInt(3); change >= 0; change--) {
        bytes[random.nextInt(bytes.length)] =
            (byte) (random.nextBoolean() ? random.nextInt(256) : at(alphabet, random));
      }
      try {
        Bytes written = ImageConfigJson.write(ImageConfigJson.read(Bytes.copyOf(bytes)));
        assertEquals(
            written,
            ImageConfigJson.write(ImageConfigJson.read(written)),
            () -> "-Djbuild.seed=" + seed + " finds this");
      } catch (OciFormatException refused) {
        // a clean answer
      } catch (RuntimeException escaped) {
        throw new AssertionError("-Djbuild.seed=" + seed + " finds this", escaped);
      }
    }
  }

  private static char at(String alphabet, Random random) {
    return alphabet.charAt(random.nextInt(alphabet.length()));
  }

  private static ImageConfig read(String json) throws OciFormatException {
    return ImageConfigJson.read(Bytes.utf8(json));
  }

  private static void refused(String json, String message) {
    var failure = assertThrows(OciFormatException.class, () -> read(json));
    assertEquals(message, failure.getMessage());
  }
}
