package dev.jbuild.process.spec;

import dev.jbuild.llb.OpMetadata.LinuxResources;
import dev.jbuild.process.spec.RuntimeSpec.DeviceAccess;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes {@code config.json} as a stream: no data binding, whose start costs more than a step.
 * Equal specifications give equal bytes.
 */
public final class SpecWriter {
  private static final JsonFactory FACTORY = new JsonFactory();
  private static final String VERSION = "1.0.2";

  private SpecWriter() {}

  /** The specification as JSON in UTF-8. */
  public static byte[] write(RuntimeSpec spec) {
    var bytes = new ByteArrayOutputStream(8192);
    try (var json = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartObject();
      json.writeStringProperty("ociVersion", VERSION);
      json.writeName("process");
      process(json, spec.process());
      json.writeObjectPropertyStart("root");
      json.writeStringProperty("path", spec.root().path());
      json.writeBooleanProperty("readonly", spec.root().readonly());
      json.writeEndObject();
      if (!spec.hostname().isEmpty()) {
        json.writeStringProperty("hostname", spec.hostname());
      }
      mounts(json, spec.mounts());
      linux(json, spec.linux());
      map(json, "annotations", spec.annotations());
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  /** The profile alone, as the specification has it. */
  public static byte[] write(SeccompProfile profile) {
    var bytes = new ByteArrayOutputStream(32_768);
    try (var json = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
      profile(json, profile);
    }
    return bytes.toByteArray();
  }

  /** A process alone, for one that joins a sandbox. */
  public static byte[] write(RuntimeSpec.StepProcess process) {
    var bytes = new ByteArrayOutputStream(4096);
    try (var json = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
      process(json, process);
    }
    return bytes.toByteArray();
  }

  private static void process(JsonGenerator json, RuntimeSpec.StepProcess process) {
    json.writeStartObject();
    json.writeBooleanProperty("terminal", process.terminal());
    json.writeObjectPropertyStart("user");
    json.writeNumberProperty("uid", process.user().uid());
    json.writeNumberProperty("gid", process.user().gid());
    json.writeArrayPropertyStart("additionalGids");
    for (long gid : process.user().additionalGids()) {
      json.writeNumber(gid);
    }
    json.writeEndArray();
    json.writeEndObject();
    strings(json, "args", process.args());
    strings(json, "env", process.env());
    json.writeStringProperty("cwd", process.cwd());
    json.writeObjectPropertyStart("capabilities");
    strings(json, "bounding", process.capabilities());
    strings(json, "effective", process.capabilities());
    strings(json, "permitted", process.capabilities());
    json.writeEndObject();
    json.writeArrayPropertyStart("rlimits");
    for (var limit : process.rlimits()) {
      json.writeStartObject();
      json.writeStringProperty("type", limit.type());
      json.writeNumberProperty("hard", unsigned(limit.hard()));
      json.writeNumberProperty("soft", unsigned(limit.soft()));
      json.writeEndObject();
    }
    json.writeEndArray();
    if (process.oomScoreAdj() != null) {
      json.writeNumberProperty("oomScoreAdj", process.oomScoreAdj());
    }
    // As the field's builders: sudo and su in a step must go on working.
    json.writeBooleanProperty("noNewPrivileges", false);
    json.writeEndObject();
  }

  private static BigInteger unsigned(long value) {
    return new BigInteger(Long.toUnsignedString(value));
  }

  private static void mounts(JsonGenerator json, List<RuntimeSpec.MountPoint> mounts) {
    json.writeArrayPropertyStart("mounts");
    for (var mount : mounts) {
      json.writeStartObject();
      json.writeStringProperty("destination", mount.destination());
      json.writeStringProperty("type", mount.type());
      json.writeStringProperty("source", mount.source());
      strings(json, "options", mount.options());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void linux(JsonGenerator json, RuntimeSpec.Linux linux) {
    json.writeObjectPropertyStart("linux");
    json.writeArrayPropertyStart("namespaces");
    for (var namespace : linux.namespaces()) {
      json.writeStartObject();
      json.writeStringProperty("type", namespace.type());
      if (namespace.path() != null) {
        json.writeStringProperty("path", namespace.path());
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    devices(json, linux.devices());
    resources(json, linux.resources());
    if (!linux.cgroupsPath().isEmpty()) {
      json.writeStringProperty("cgroupsPath", linux.cgroupsPath());
    }
    map(json, "sysctl", linux.sysctl());
    if (linux.seccomp() != null) {
      json.writeName("seccomp");
      profile(json, linux.seccomp());
    }
    strings(json, "maskedPaths", linux.maskedPaths());
    strings(json, "readonlyPaths", linux.readonlyPaths());
    json.writeEndObject();
  }

  private static void devices(JsonGenerator json, List<RuntimeSpec.Device> devices) {
    json.writeArrayPropertyStart("devices");
    for (var device : devices) {
      json.writeStartObject();
      json.writeStringProperty("path", device.path());
      json.writeStringProperty("type", device.type());
      json.writeNumberProperty("major", device.major());
      json.writeNumberProperty("minor", device.minor());
      json.writeNumberProperty("fileMode", device.permissions());
      json.writeNumberProperty("uid", device.uid());
      json.writeNumberProperty("gid", device.gid());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void resources(JsonGenerator json, RuntimeSpec.Resources resources) {
    json.writeObjectPropertyStart("resources");
    if (resources.devices() != DeviceAccess.UNGUARDED) {
      json.writeArrayPropertyStart("devices");
      json.writeStartObject();
      json.writeBooleanProperty("allow", resources.devices() == DeviceAccess.ALL);
      json.writeStringProperty("access", "rwm");
      json.writeEndObject();
      json.writeEndArray();
    }
    if (resources.limits() != null) {
      limits(json, resources.limits());
    }
    json.writeEndObject();
  }

  private static void limits(JsonGenerator json, LinuxResources limits) {
    json.writeObjectPropertyStart("memory");
    positive(json, "limit", limits.memoryBytes());
    if (limits.memorySwapBytes() != 0) { // -1 is unlimited
      json.writeNumberProperty("swap", limits.memorySwapBytes());
    }
    json.writeEndObject();
    json.writeObjectPropertyStart("cpu");
    positive(json, "shares", limits.cpuShares());
    positive(json, "period", limits.cpuPeriodMicros());
    positive(json, "quota", limits.cpuQuotaMicros());
    if (!limits.cpusetCpus().isEmpty()) {
      json.writeStringProperty("cpus", limits.cpusetCpus());
    }
    if (!limits.cpusetMems().isEmpty()) {
      json.writeStringProperty("mems", limits.cpusetMems());
    }
    json.writeEndObject();
  }

  private static void positive(JsonGenerator json, String name, long value) {
    if (value > 0) {
      json.writeNumberProperty(name, value);
    }
  }

  private static void profile(JsonGenerator json, SeccompProfile profile) {
    json.writeStartObject();
    json.writeStringProperty("defaultAction", "SCMP_ACT_ERRNO");
    json.writeNumberProperty("defaultErrnoRet", profile.defaultErrno());
    strings(json, "architectures", profile.architectures());
    json.writeArrayPropertyStart("syscalls");
    for (var rule : profile.rules()) {
      json.writeStartObject();
      strings(json, "names", rule.names());
      json.writeStringProperty("action", rule.errno() == 0 ? "SCMP_ACT_ALLOW" : "SCMP_ACT_ERRNO");
      if (rule.errno() != 0) {
        json.writeNumberProperty("errnoRet", rule.errno());
      }
      json.writeArrayPropertyStart("args");
      for (var condition : rule.conditions()) {
        json.writeStartObject();
        json.writeNumberProperty("index", condition.argument());
        json.writeNumberProperty("value", condition.value());
        json.writeNumberProperty("valueTwo", condition.second());
        json.writeStringProperty("op", condition.comparison().specName());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void strings(JsonGenerator json, String name, List<String> values) {
    json.writeArrayPropertyStart(name);
    for (String value : values) {
      json.writeString(value);
    }
    json.writeEndArray();
  }

  private static void map(JsonGenerator json, String name, Map<String, String> values) {
    json.writeObjectPropertyStart(name);
    for (var entry : values.entrySet()) {
      json.writeStringProperty(entry.getKey(), entry.getValue());
    }
    json.writeEndObject();
  }
}
