package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Source policies by jbuild's flag and by the variable of the unmodified {@code docker buildx}. */
@Tag("root")
class SourcePolicyIT {
  private static final String VARIABLE = "EXPERIMENTAL_BUILDKIT_SOURCE_POLICY";
  private static final List<String> ASKED = Collections.synchronizedList(new ArrayList<>());

  @TempDir static Path work;
  private static BuildHost host;
  private static DaemonProcess daemon;
  private static LoopbackRegistry registry;
  private static HttpServer server;
  private static String site;
  private static String image;
  private static String first;

  @BeforeAll
  static void open() throws Exception {
    Commands.assumed("skopeo");
    host = BuildHost.withBase(work.resolve("host"));
    registry = LoopbackRegistry.start(Files.createDirectories(work.resolve("registry")));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          ASKED.add(exchange.getRequestURI().getPath());
          byte[] body = "page".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    site = "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    image = registry.name() + "/pinned:1";
    push("first");
    first =
        Commands.sh("skopeo inspect --tls-verify=false --format='{{.Digest}}' docker://" + image)
            .strip();
    push("second");
    daemon = DaemonProcess.over(host);
  }

  private static void push(String text) throws Exception {
    host.build("FROM base\nRUN echo " + text + " > /which\n", "--push", "-t", image).succeeded();
  }

  @AfterAll
  static void close() {
    if (daemon != null) { // null when this machine can not build
      daemon.close();
    }
    if (registry != null) {
      registry.close();
      server.stop(0);
    }
  }

  private static Path policy(String rules) throws Exception {
    Path file = Files.createTempFile(work, "policy", ".json");
    return Files.writeString(file, "{\"version\":1,\"rules\":[" + rules + "]}");
  }

  private static String deny(String identifier) {
    return "{\"action\":\"DENY\",\"selector\":{\"identifier\":\"" + identifier + "\"}}";
  }

  private static String convert(String from, String to) {
    return "{\"action\":\"CONVERT\",\"selector\":{\"identifier\":\"%s\"},\"updates\":{\"identifier\":\"%s\"}}"
        .formatted(from, to);
  }

  private static Outcome jbuild(String dockerfile, Path policy, String... flags) throws Exception {
    var args =
        new ArrayList<>(
            List.of(
                "--addr=" + daemon.address(),
                "build",
                "--progress=plain",
                "--source-policy-file=" + policy));
    args.addAll(List.of(flags));
    args.add(host.context(dockerfile).toString());
    return host.jbuild(args.toArray(String[]::new));
  }

  private static BuildxClient buildx(Path policy) throws Exception {
    Path directory = Files.createTempDirectory(work, "buildx");
    return BuildxClient.at(directory, daemon.address()).with(VARIABLE, policy.toString());
  }

  private static String pin() {
    return convert("docker-image://" + image, "docker-image://" + image + "@" + first);
  }

  @Test
  void anImageIsPinnedByJbuild() throws Exception {
    Path out = Files.createTempDirectory(work, "pinned");
    Outcome built =
        jbuild("FROM " + image + "\n", policy(pin()), "--output=type=local,dest=" + out)
            .succeeded();
    assertEquals("first\n", Files.readString(out.resolve("which")));
    assertTrue(
        built
            .err()
            .contains(
                "[internal] source policy: 'docker-image://"
                    + image
                    + "' became 'docker-image://"
                    + image
                    + "@"
                    + first
                    + "' by rule 1 (CONVERT wildcard 'docker-image://"
                    + image
                    + "') of the build's source policy"),
        built.err());
    Path without = Files.createTempDirectory(work, "unpinned");
    jbuild("FROM " + image + "\n", policy(""), "--output=type=local,dest=" + without).succeeded();
    assertEquals("second\n", Files.readString(without.resolve("which")));
  }

  @Test
  void anImageIsPinnedByBuildx() throws Exception {
    Path out = Files.createTempDirectory(work, "pinned");
    Outcome built =
        buildx(policy(pin()))
            .build(host.context("FROM " + image + "\n"), "--output=type=local,dest=" + out)
            .succeeded();
    assertEquals("first\n", Files.readString(out.resolve("which")));
    assertTrue(
        built.err().contains("[internal] source policy: 'docker-image://" + image), built.err());
  }

  @Test
  void aDownloadThatIsDeniedIsNotAskedFor() throws Exception {
    String dockerfile = "FROM base\nRUN true\nADD " + site + "denied /x\n";
    Outcome refused = jbuild(dockerfile, policy(deny("http://*"))).endedWith(77);
    assertEquals(
        "Dockerfile:3: '[3/3] ADD "
            + site
            + "denied /x': source '"
            + site
            + "denied' is denied by rule 1 (DENY wildcard 'http://*') of the build's source policy",
        refused.error());
    Outcome byBuildx = buildx(policy(deny("http://*"))).build(host.context(dockerfile));
    assertEquals(1, byBuildx.code());
    assertTrue(byBuildx.err().contains("   3 | >>> ADD " + site + "denied /x"), byBuildx.err());
    assertTrue(
        byBuildx
            .err()
            .contains(
                "is denied by rule 1 (DENY wildcard 'http://*') of the build's source policy"),
        byBuildx.err());
    assertFalse(ASKED.contains("/denied"), ASKED.toString());
  }

  @Test
  void aBaseImageThatIsDeniedIsShownInItsFile() throws Exception {
    Path policy = policy(deny("docker-image://docker.io/*"));
    Outcome refused = jbuild("FROM base\nRUN true\n", policy).endedWith(77);
    assertEquals(
        "Dockerfile:1: source 'docker-image://docker.io/library/base:latest' is denied by rule 1"
            + " (DENY wildcard 'docker-image://docker.io/*') of the build's source policy",
        refused.error());
    Outcome byBuildx = buildx(policy).build(host.context("FROM base\nRUN true\n"));
    assertNotEquals(0, byBuildx.code());
    assertTrue(byBuildx.err().contains("   1 | >>> FROM base"), byBuildx.err());
  }

  @Test
  void aDownloadComesFromWhereThePolicySays() throws Exception {
    Path out = Files.createTempDirectory(work, "moved");
    Path policy = policy(convert("https://nowhere.invalid/*", site + "moved/${1}"));
    jbuild(
            "FROM scratch\nADD https://nowhere.invalid/a/b /b\n",
            policy,
            "--output=type=local,dest=" + out)
        .succeeded();
    assertEquals("page", Files.readString(out.resolve("b")));
    assertTrue(ASKED.contains("/moved/a/b"), ASKED.toString());
  }

  @Test
  void namedContextsAndFrontendsAreUnderThePolicyToo() throws Exception {
    Path policy = policy(deny("docker-image://docker.io/evil/*"));
    Outcome context =
        jbuild(
            "FROM scratch\nCOPY --from=other / /\n",
            policy,
            "--build-context=other=docker-image://evil/image:1");
    assertTrue(
        context.err().contains("source 'docker-image://docker.io/evil/image:1' is denied"),
        context.err());
    Outcome frontend = jbuild("# syntax=evil/frontend:1\nFROM scratch\n", policy).endedWith(77);
    assertTrue(
        frontend.err().contains("source 'docker-image://docker.io/evil/frontend:1' is denied"),
        frontend.err());
    Outcome local =
        jbuild("FROM scratch\nCOPY . /\n", policy(deny("local://context"))).endedWith(77);
    assertTrue(local.err().contains("source 'local://context' is denied"), local.err());
  }

  @Test
  void withoutDaemonTheEnvironmentNamesThePolicyAsForBuildx() throws Exception {
    var env =
        Map.of(
            "JBUILD_ROOT",
            Files.createDirectories(work.resolve("own-state")).toString(),
            VARIABLE,
            policy(deny("docker-image://*")).toString());
    Path context = host.context("FROM base\n");
    Outcome refused =
        host.jbuild("", env, "build", "--progress=plain", context.toString()).endedWith(77);
    assertTrue(refused.error().contains("is denied by rule 1"), refused.error());
  }

  @Test
  void conversionsInACircleAreRefused() throws Exception {
    Path policy =
        policy(convert("http://*", "https://${1}") + "," + convert("https://*", "http://${1}"));
    Outcome refused = jbuild("FROM scratch\nADD " + site + "x /x\n", policy).endedWith(65);
    assertTrue(refused.error().contains("its conversions lead in a circle"), refused.error());
  }

  @Test
  void theRecordOfABuildTellsOfConversions() throws Exception {
    jbuild(
            "FROM nowhere.invalid/base:9\nRUN true\n",
            policy(
                convert(
                    "docker-image://nowhere.invalid/base:9",
                    "docker-image://docker.io/library/base:latest")))
        .succeeded();
    Outcome logs = host.jbuild("--addr=" + daemon.address(), "history", "logs").succeeded();
    String told = logs.out() + logs.err();
    assertTrue(
        told.contains("[internal] source policy: 'docker-image://nowhere.invalid/base:9' became"),
        told);
  }
}
