package dev.jbuild.cli.build;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.cli.build.BuildOptions.ProgressMode;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuildPlannerTest {
  @TempDir Path work;
  private final Map<String, String> env = new TreeMap<>();
  private byte[] stdin = new byte[0];

  @BeforeEach
  void files() throws IOException {
    Files.createDirectories(work.resolve("ctx/sub"));
    Files.writeString(work.resolve("ctx/Dockerfile"), "FROM scratch\n");
    Files.writeString(work.resolve("ctx/sub/Other"), "FROM scratch\n");
    Files.writeString(work.resolve("Outside"), "FROM scratch\n");
  }

  /** Flags whose only task is to be changed one by one. */
  private record Flags(Map<String, List<String>> lists, Map<String, String> values) {
    List<String> list(String name) {
      return lists.getOrDefault(name, List.of());
    }

    BuildOptions options() {
      return new BuildOptions(
          values.getOrDefault("path", "ctx"),
          values.get("file"),
          list("tag"),
          values.get("target"),
          list("build-arg"),
          list("build-context"),
          new NetworkOptions(
              values.get("network"),
              list("add-host"),
              list("dns"),
              list("dns-search"),
              list("dns-option"),
              list("egress"),
              null),
          list("allow"),
          values.containsKey("no-cache"),
          list("no-cache-filter"),
          values.containsKey("pull"),
          list("output"),
          values.containsKey("push"),
          list("label"),
          list("platform"),
          new StepLimits(
              list("ulimit"),
              values.get("shm-size"),
              values.get("cgroup-parent"),
              list("resource")),
          values.containsKey("quiet") ? ProgressMode.QUIET : ProgressMode.AUTO,
          null,
          values.get("iidfile"),
          list("secret"),
          list("ssh"),
          CallFlag.parse(values.getOrDefault("call", "build")),
          values.get("source-policy-file"));
    }
  }

  private static Flags flags() {
    return new Flags(new TreeMap<>(), new TreeMap<>());
  }

  private static Flags list(String name, String... values) {
    var flags = flags();
    flags.lists().put(name, List.of(values));
    return flags;
  }

  private static Flags value(String name, String value) {
    var flags = flags();
    flags.values().put(name, value);
    return flags;
  }

  private BuildPlan plan(Flags flags) {
    return new BuildPlanner(env, work, new ByteArrayInputStream(stdin)).plan(flags.options());
  }

  private void attr(Flags flags, String key, @Nullable String expected) {
    assertEquals(expected, plan(flags).attrs().get(key));
  }

  private void wrong(Flags flags, String text) {
    var e = assertThrows(UsageException.class, () -> plan(flags));
    assertEquals(text, e.getMessage());
  }

  private void fails(Flags flags, Code code, Function<Path, String> text) {
    var e = assertThrows(BuildException.class, () -> plan(flags));
    assertEquals(text.apply(work), e.message());
    assertEquals(code, e.code());
  }

  @Test
  void theDockerfileIsInTheContext() {
    var plan = plan(flags());
    assertEquals(new BuildPlan.DockerfileAt(work.resolve("ctx"), "Dockerfile"), plan.dockerfile());
    assertEquals(
        Map.of("context", work.resolve("ctx"), "dockerfile", work.resolve("ctx")),
        plan.directories());
    assertEquals(Map.of("filename", "Dockerfile"), plan.attrs());
    assertEquals(List.of(), plan.outputs());
    assertEquals(Set.of(), plan.entitlements());
  }

  @Test
  void aNamedDockerfileIsRelativeToTheWorkingDirectory() {
    assertEquals(
        new BuildPlan.DockerfileAt(work, "Outside"), plan(value("file", "Outside")).dockerfile());
    fails(
        value("file", "sub/Other"),
        Code.NOT_FOUND,
        w ->
            "Dockerfile 'sub/Other': no such file; -f is relative to the working directory, did you"
                + " mean 'ctx/sub/Other'?");
    fails(value("file", "ctx"), Code.NOT_FOUND, w -> "Dockerfile 'ctx': is a directory");
  }

  @Test
  void aDockerfileMayComeOverStandardInput() {
    stdin = "FROM scratch\n".getBytes(StandardCharsets.UTF_8);
    var plan = plan(value("file", "-"));
    assertEquals(
        new BuildPlan.DockerfileText("Dockerfile", Bytes.copyOf(stdin)), plan.dockerfile());
    assertEquals(Map.of("context", work.resolve("ctx")), plan.directories());
    var alone = plan(value("path", "-"));
    assertEquals(new BuildPlan.EmptyContext(), alone.context());
    assertEquals(Map.of(), alone.directories());
  }

  @Test
  void anArchiveOnStandardInputIsTheContext() throws IOException {
    stdin = new byte[] {0x1f, (byte) 0x8b, 8, 0};
    var plan = plan(value("path", "-"));
    assertEquals(new BuildPlan.DockerfileInContext("Dockerfile"), plan.dockerfile());
    assertEquals("Dockerfile", plan.attrs().get("filename"));
    var archive = assertInstanceOf(BuildPlan.ArchiveOnInput.class, plan.context());
    assertArrayEquals(stdin, archive.content().readAllBytes());
    var other = value("path", "-");
    other.values().put("file", "sub/Other");
    assertEquals(new BuildPlan.DockerfileInContext("sub/Other"), plan(other).dockerfile());
  }

  @Test
  void standardInputIsOneThing() {
    stdin = new byte[] {0x1f, (byte) 0x8b, 8, 0};
    fails(
        value("file", "-"),
        Code.INVALID,
        w -> "standard input: is an archive, but -f - wants the text of a Dockerfile");
    var both = value("path", "-");
    both.values().put("file", "-");
    assertEquals(
        "standard input is the context: -f can not be '-', too",
        assertThrows(UsageException.class, () -> plan(both)).getMessage());
    stdin = "FROM scratch".getBytes(StandardCharsets.UTF_8);
    assertEquals(
        "standard input is the Dockerfile itself, as it is no tar: -f can not be given beside it",
        assertThrows(UsageException.class, () -> plan(both)).getMessage());
  }

  @Test
  void contextsThatAreNotThereAreNamed() {
    fails(value("path", "nosuch"), Code.NOT_FOUND, w -> "context 'nosuch': no such directory");
    fails(
        value("path", "Outside"),
        Code.INVALID,
        w -> "context 'Outside' is a file; give a directory, and the Dockerfile with -f");
    fails(
        value("path", "ctx/sub"),
        Code.NOT_FOUND,
        w -> "no Dockerfile in '" + w.resolve("ctx/sub") + "'; name another file with -f");
  }

  @Test
  void buildArgumentsTakeTheEnvironmentsValue() {
    env.put("FROM_ENV", "e");
    var plan = plan(list("build-arg", "A=1=2", "FROM_ENV", "NOT_SET", "EMPTY="));
    assertEquals(
        Map.of(
            "build-arg:A", "1=2",
            "build-arg:FROM_ENV", "e",
            "build-arg:EMPTY", "",
            "filename", "Dockerfile"),
        plan.attrs());
    wrong(list("build-arg", "=x"), "--build-arg: want NAME=value or NAME, got '=x'");
  }

  @Test
  void theEpochOfTheEnvironmentCounts() {
    env.put("SOURCE_DATE_EPOCH", "7");
    attr(flags(), "build-arg:SOURCE_DATE_EPOCH", "7");
    attr(list("build-arg", "SOURCE_DATE_EPOCH=8"), "build-arg:SOURCE_DATE_EPOCH", "8");
  }

  @Test
  void theHostNetworkIsForcedAndGranted() {
    var plan = plan(value("network", "host"));
    assertEquals("host", plan.attrs().get("force-network-mode"));
    assertEquals(Set.of("network.host"), plan.entitlements());
  }

  @Test
  void portsOfTheHostAreGrantedAndForceNothing() {
    var plan = plan(list("allow", "network.host=127.0.0.1:5432"));
    assertEquals(Map.of("filename", "Dockerfile"), plan.attrs());
    assertEquals(Set.of("network.host=127.0.0.1:5432"), plan.entitlements());
  }

  @Test
  void theGrantToDeleteFilesIsNotTheDaemonsBusiness() {
    var plan = plan(list("allow", "buildx.local.delete", "network.host"));
    assertEquals(Set.of("network.host"), plan.entitlements());
  }

  @Test
  void rulesAndResolversAreAttributes() {
    attr(list("egress", "deny=*"), "egress", "deny=*");
    attr(list("dns", "192.0.2.1"), "dns", "192.0.2.1");
  }

  @Test
  void otherFlagsBecomeAttributes() {
    attr(value("target", "x"), "target", "x");
    attr(value("no-cache", ""), "no-cache", "");
    attr(value("pull", ""), "image-resolve-mode", "pull");
    attr(list("label", "a=b", "c"), "label:a", "b");
    attr(list("label", "a=b", "c"), "label:c", "");
    attr(
        list("platform", "linux/amd64, linux/arm64", "linux/arm/v7"),
        "platform",
        "linux/amd64,linux/arm64,linux/arm/v7");
    attr(list("ulimit", "nofile=1024:2048", "core=-1"), "ulimit", "nofile=1024:2048,core=-1");
    attr(value("shm-size", "64m"), "shm-size", "67108864");
    attr(value("shm-size", "1GiB"), "shm-size", "1073741824");
    attr(value("shm-size", "123"), "shm-size", "123");
    wrong(value("shm-size", "big"), "--shm-size: want a size such as 64m or 1g, got 'big'");
    wrong(list("ulimit", "nofile"), "--ulimit: want name=soft[:hard], got 'nofile'");
  }

  @Test
  void stagesWithoutCacheAreListed() {
    attr(list("no-cache-filter", "build, test", "final"), "no-cache", "build,test,final");
    var both = list("no-cache-filter", "build");
    both.values().put("no-cache", "");
    attr(both, "no-cache", "");
  }

  @Test
  void resourcesOfStepsBecomeTheFrontendsOptions() {
    attr(value("cgroup-parent", "/builds"), "cgroup-parent", "/builds");
    attr(list("resource", "memory=512m,cpu-quota=50000"), "memory", "536870912");
    attr(list("resource", "memory=512m,cpu-quota=50000"), "cpuquota", "50000");
    attr(list("resource", "memory-swap=-1"), "memswap", "-1");
    attr(list("resource", "cpu-shares=512", "cpu-period=100000"), "cpushares", "512");
    attr(list("resource", "cpu-shares=512", "cpu-period=100000"), "cpuperiod", "100000");
    attr(list("resource", "\"cpuset-cpus=0-1,3\""), "cpusetcpus", "0-1,3");
    attr(list("resource", "cpuset-mems=0"), "cpusetmems", "0");
  }

  @Test
  void wrongResourcesAreRefused() {
    String known =
        "; known are cpu-period, cpu-quota, cpu-shares, cpuset-cpus, cpuset-mems, memory,"
            + " memory-swap";
    wrong(
        list("resource", "memroy=1g"),
        "--resource: want key=value, got 'memroy=1g', did you mean 'memory'?" + known);
    wrong(list("resource", "memory"), "--resource: want key=value, got 'memory'" + known);
    wrong(
        list("resource", "memory=much"),
        "--resource memory: want a size such as 64m or 1g, got 'much'");
    wrong(list("resource", "cpu-quota=half"), "--resource cpu-quota: want a number, got 'half'");
    wrong(
        list("resource", "cpuset-cpus=all"),
        "--resource cpuset-cpus: want a list such as 0-2,5, got 'all'");
  }

  @Test
  void namedContextsAreDirectoriesOrImages() throws IOException {
    var plan = plan(list("build-context", "lib=ctx/sub", "base=docker-image://alpine"));
    assertEquals("local:lib", plan.attrs().get("context:lib"));
    assertEquals(work.resolve("ctx/sub"), plan.directories().get("lib"));
    assertEquals("docker-image://alpine", plan.attrs().get("context:base"));
    fails(
        list("build-context", "lib=nosuch"),
        Code.NOT_FOUND,
        w -> "--build-context lib=nosuch: 'nosuch' is not a directory");
    wrong(list("build-context", "x"), "--build-context: want name=value, got 'x'");
  }

  @Test
  void namedLayoutsAreResolvedToADigest() throws IOException {
    Files.createDirectory(work.resolve("lay"));
    Files.writeString(work.resolve("lay/oci-layout"), "{}");
    String one = "sha256:" + "1".repeat(64);
    String two = "sha256:" + "2".repeat(64);
    Files.writeString(
        work.resolve("lay/index.json"),
        "{\"manifests\":[{\"digest\":\""
            + one
            + "\",\"annotations\":{\"org.opencontainers.image.ref.name\":\"v1\"}},{\"digest\":\""
            + two
            + "\",\"annotations\":{\"org.opencontainers.image.ref.name\":\"latest\"}}]}");
    attr(
        list("build-context", "base=oci-layout://lay:v1"),
        "context:base",
        "oci-layout://layout-base@" + one);
    var plan = plan(list("build-context", "base=oci-layout://lay"));
    assertEquals("oci-layout://layout-base@" + two, plan.attrs().get("context:base"));
    assertEquals(Map.of("layout-base", work.resolve("lay")), plan.layouts());
    attr(
        list("build-context", "base=oci-layout://lay@" + one),
        "context:base",
        "oci-layout://layout-base@" + one);
    fails(
        list("build-context", "base=oci-layout://lay:v3"),
        Code.NOT_FOUND,
        w -> "'" + w.resolve("lay") + "' has no image of tag 'v3' among its 2");
    fails(
        list("build-context", "base=oci-layout://ctx"),
        Code.NOT_FOUND,
        w ->
            "--build-context base=oci-layout://ctx: '"
                + w.resolve("ctx")
                + "' is not an OCI layout");
  }

  @Test
  void whoWantsAnIdGetsAnImage() {
    var unnamed = List.of(new OutputSpec("image", Map.of(), null));
    assertEquals(unnamed, plan(value("quiet", "")).outputs());
    assertEquals(unnamed, plan(value("iidfile", "f")).outputs());
  }

  @Test
  void onlyOneOutputGoesToStandardOutput() {
    wrong(list("output", "-", "type=oci"), "--output: only one can go to standard output");
    assertEquals(List.of(), plan(list("output", "type=cacheonly")).outputs());
  }

  @Test
  void aUrlIsAContextThatTheDaemonFetches() {
    var plan = plan(value("path", "https://example.org/x.git#v1:sub"));
    assertEquals(new BuildPlan.RemoteContext("https://example.org/x.git#v1:sub"), plan.context());
    assertEquals(new BuildPlan.DockerfileInContext("Dockerfile"), plan.dockerfile());
    assertEquals(
        Map.of("context", "https://example.org/x.git#v1:sub", "filename", "Dockerfile"),
        plan.attrs());
    assertEquals(Map.of(), plan.directories());
  }

  @Test
  void aQuestionToTheFrontendMakesNoOutput() {
    var flags = list("tag", "app");
    flags.values().put("call", "outline,format=json");
    assertEquals("frontend.outline", plan(flags).attrs().get("requestid"));
    assertEquals(List.of(), plan(flags).outputs());
  }

  @Test
  void anUnknownQuestionNamesTheKnownOnes() {
    wrong(
        value("call", "chek"),
        "--call: unknown kind 'chek', did you mean 'check'?; known are build, check, outline,"
            + " targets");
    wrong(
        value("call", "check,format=yaml"),
        "--call: unknown option 'format=yaml'; known is format=json");
  }
}
