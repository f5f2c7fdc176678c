package dev.jbuild.oci.json;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.ContainerConfig;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.Healthcheck;
import dev.jbuild.oci.History;
import dev.jbuild.oci.ImageConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Image configs as JSON, with every key that jbuild does not know kept as it was. Source: OCI
 * image-spec, config.md; OCI facts, "Image config".
 */
public final class ImageConfigJson {
  private ImageConfigJson() {}

  /** Reads a config; what it leaves out becomes empty. */
  public static ImageConfig read(Bytes json) throws OciFormatException {
    Fields fields = Fields.of(JsonText.parse(json));
    Fields config = fields.object("config");
    Fields rootfs = fields.object("rootfs");
    var history = new ArrayList<History>();
    for (Fields line : fields.objects("history")) {
      history.add(readHistory(line));
    }
    return new ImageConfig(
        PlatformJson.read(fields),
        fields.time("created"),
        fields.text("author"),
        config == null ? ContainerConfig.EMPTY : readContainer(config),
        rootfs == null ? List.of() : rootfs.digests("diff_ids"),
        history,
        fields.unknown());
  }

  private static History readHistory(Fields fields) throws OciFormatException {
    return new History(
        fields.time("created"),
        fields.text("created_by"),
        fields.text("author"),
        fields.text("comment"),
        fields.flag("empty_layer"),
        fields.unknown());
  }

  private static ContainerConfig readContainer(Fields fields) throws OciFormatException {
    return new ContainerConfig(
        fields.text("User"),
        fields.texts("Env"),
        fields.texts("Entrypoint"),
        fields.texts("Cmd"),
        fields.text("WorkingDir"),
        fields.textMap("Labels"),
        fields.text("StopSignal"),
        fields.keys("ExposedPorts"),
        fields.keys("Volumes"),
        fields.flag("ArgsEscaped"),
        readHealthcheck(fields.object("Healthcheck")),
        fields.texts("OnBuild"),
        fields.texts("Shell"),
        fields.unknown());
  }

  private static @Nullable Healthcheck readHealthcheck(@Nullable Fields fields)
      throws OciFormatException {
    if (fields == null) {
      return null;
    }
    return new Healthcheck(
        fields.texts("Test"),
        Duration.ofNanos(fields.integer("Interval")),
        Duration.ofNanos(fields.integer("Timeout")),
        Duration.ofNanos(fields.integer("StartPeriod")),
        Duration.ofNanos(fields.integer("StartInterval")),
        retries(fields),
        fields.unknown());
  }

  private static int retries(Fields fields) throws OciFormatException {
    long retries = fields.integer("Retries");
    if (retries != (int) retries) {
      throw fields.malformed("Retries", "is out of range: " + retries, null);
    }
    return (int) retries;
  }

  /** Writes a config in compact form, keys sorted. Its digest is that of these bytes. */
  public static Bytes write(ImageConfig config) {
    var members =
        PlatformJson.write(config.platform())
            .time("created", config.created())
            .text("author", config.author())
            .put("config", container(config.config()))
            .put("rootfs", rootfs(config.diffIds()));
    if (!config.history().isEmpty()) {
      List<Json> lines = new ArrayList<>();
      for (History line : config.history()) {
        lines.add(history(line));
      }
      members.put("history", new Json.Arr(lines));
    }
    return Bytes.utf8(JsonText.compact(members.unknown(config.unknown()).sorted()));
  }

  private static Json rootfs(List<Digest> diffIds) {
    var texts = new ArrayList<String>();
    for (Digest diffId : diffIds) {
      texts.add(diffId.toString());
    }
    return new Members()
        .put("type", new Json.Text("layers"))
        .put("diff_ids", Members.textArray(texts))
        .inOrder();
  }

  private static Json history(History line) {
    return new Members()
        .time("created", line.created())
        .text("created_by", line.createdBy())
        .text("author", line.author())
        .text("comment", line.comment())
        .flag("empty_layer", line.emptyLayer())
        .unknown(line.unknown())
        .inOrder();
  }

  private static Json container(ContainerConfig config) {
    var members =
        new Members()
            .text("User", config.user())
            .texts("Env", config.env())
            .texts("Entrypoint", config.entrypoint())
            .texts("Cmd", config.cmd())
            .text("WorkingDir", config.workingDir())
            .textMap("Labels", config.labels())
            .text("StopSignal", config.stopSignal())
            .keys("ExposedPorts", config.exposedPorts())
            .keys("Volumes", config.volumes())
            .flag("ArgsEscaped", config.argsEscaped())
            .texts("OnBuild", config.onBuild())
            .texts("Shell", config.shell());
    Healthcheck healthcheck = config.healthcheck();
    if (healthcheck != null) {
      members.put("Healthcheck", healthcheck(healthcheck));
    }
    return members.unknown(config.unknown()).sorted();
  }

  private static Json healthcheck(Healthcheck healthcheck) {
    return new Members()
        .texts("Test", healthcheck.test())
        .integer("Interval", healthcheck.interval().toNanos())
        .integer("Timeout", healthcheck.timeout().toNanos())
        .integer("StartPeriod", healthcheck.startPeriod().toNanos())
        .integer("StartInterval", healthcheck.startInterval().toNanos())
        .integer("Retries", healthcheck.retries())
        .unknown(healthcheck.unknown())
        .sorted();
  }
}
