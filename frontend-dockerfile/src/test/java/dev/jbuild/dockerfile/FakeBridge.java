package dev.jbuild.dockerfile;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.frontend.FrontendBridge;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.OpNode;
import dev.jbuild.netplan.HostPorts;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Platform;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A bridge over maps: files by {@code local:path}, image configs by reference. */
public final class FakeBridge implements FrontendBridge {
  /** What an image says of which the test says nothing. */
  public static final String PLAIN_CONFIG =
      """
      {"architecture":"amd64","os":"linux","created":"2024-01-02T03:04:05Z",
       "config":{"Env":["PATH=/usr/bin:/bin"],"Cmd":["/bin/sh"]},
       "rootfs":{"type":"layers","diff_ids":[
         "sha256:1111111111111111111111111111111111111111111111111111111111111111"]},
       "history":[{"created":"2024-01-02T03:04:05Z","created_by":"base layer"}]}
      """;

  private final Map<String, String> files = new HashMap<>();
  private final Map<String, Instant> times = new HashMap<>();
  private final Map<String, String> images = new HashMap<>();
  private final List<String> missing = new ArrayList<>();
  private final List<String> resolved = Collections.synchronizedList(new ArrayList<>());
  private final List<String> loaded = Collections.synchronizedList(new ArrayList<>());
  private final List<Warning> warnings = new ArrayList<>();
  private List<HostPorts> hostPorts = List.of();
  private List<Platform> platforms = List.of(new Platform("linux", "amd64", ""));

  public FakeBridge file(String local, String path, String content) {
    files.put(local + ":" + path, content);
    return this;
  }

  /** The newest time of a source's files, by its identifier. */
  public FakeBridge newest(String source, Instant time) {
    times.put(source, time);
    return this;
  }

  public FakeBridge image(String reference, String config) {
    images.put(reference, config);
    return this;
  }

  public FakeBridge noImage(String reference) {
    missing.add(reference);
    return this;
  }

  public FakeBridge platforms(Platform... all) {
    platforms = List.of(all);
    return this;
  }

  /** References asked for, with their platforms, in order. */
  public List<String> resolved() {
    return resolved;
  }

  /** Names of the sources that files were read from, in order. */
  public List<String> loaded() {
    return loaded;
  }

  public List<Warning> warnings() {
    return warnings;
  }

  @Override
  public ResolvedImage resolveImage(
      String reference, Platform platform, ResolveMode mode, String logName) {
    resolved.add(reference + " " + platform + " " + mode + " " + logName);
    if (missing.contains(reference)) {
      throw new BuildException(Code.NOT_FOUND, reference + ": not found");
    }
    Bytes config = Bytes.utf8(images.getOrDefault(reference, PLAIN_CONFIG));
    return new ResolvedImage(reference, Bytes.utf8(reference).digest(), config);
  }

  @Override
  public Optional<Bytes> readFile(OpNode.Output source, String path) {
    loaded.add(source.node().metadata().description().getOrDefault("llb.customname", "?"));
    String local = ((LlbOp.SourceOp) source.node().op()).identifier();
    String content = files.get(local.replaceFirst("^local://", "") + ":" + path);
    return content == null ? Optional.empty() : Optional.of(Bytes.utf8(content));
  }

  @Override
  public Optional<Instant> newest(OpNode.Output source) {
    return source.node().op() instanceof LlbOp.SourceOp op
        ? Optional.ofNullable(times.get(op.identifier() + op.attrs().getOrDefault("git.mtime", "")))
        : Optional.ofNullable(times.get("unpacked"));
  }

  public FakeBridge hostPorts(String... ports) {
    hostPorts = Stream.of(ports).map(HostPorts::parse).toList();
    return this;
  }

  @Override
  public List<HostPorts> hostPorts() {
    return hostPorts;
  }

  @Override
  public List<Platform> platforms() {
    return platforms;
  }

  @Override
  public void warn(Warning warning) {
    warnings.add(warning);
  }
}
