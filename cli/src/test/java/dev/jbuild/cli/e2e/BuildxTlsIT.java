package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The unmodified {@code docker buildx} over TCP with mutual TLS, and what each client may. */
@Tag("root")
class BuildxTlsIT {
  private static final int DAYS = 2;
  private static final String HOST_STEP = "FROM base\nRUN --network=host echo on the host\n";

  private static final String PATH =
      "(certificate_unknown) PKIX path validation failed:"
          + " java.security.cert.CertPathValidatorException: ";

  @TempDir static Path work;
  private static BuildHost host;
  private static DaemonProcess daemon;
  private static Authority authority;
  private static Authority.Pair trusted;
  private static String address;

  /** The client gives up after 20 seconds; these wait side by side. */
  private static final Map<String, Refused> REFUSED = new HashMap<>();

  private record Refused(BuildxClient client, Process build) {}

  @BeforeAll
  static void open() throws Exception {
    host = BuildHost.withBase(work);
    authority = Authority.in(work.resolve("tls"));
    var server = authority.signed("server", "DNS:localhost,IP:127.0.0.1", DAYS);
    trusted = authority.signed("trusted", "DNS:ci.example.org", DAYS);
    Path config =
        Files.writeString(
            work.resolve("jbuildd.toml"),
            """
            insecure-entitlements = [ "network.host" ]

            [[client]]
              certificate = "ci.example.org"
              entitlements = [ "network.host" ]
            """);
    daemon =
        DaemonProcess.at(
            host,
            "tcp://127.0.0.1:0",
            "--config=" + config,
            "--tlscert=" + server.cert(),
            "--tlskey=" + server.key(),
            "--tlscacert=" + authority.certificate());
    Matcher port = Pattern.compile(" listens at tcp:.*:([0-9]+)").matcher(daemon.log());
    assertTrue(port.find(), daemon.log());
    address = "tcp://127.0.0.1:" + port.group(1);
    Authority foreign = Authority.in(work.resolve("foreign"));
    begin("foreign", client("1", authority.certificate(), foreign.signed("f", "DNS:f", DAYS)));
    begin("old", client("2", authority.certificate(), authority.signed("old", "DNS:old", -1)));
    begin("distrusting", client("3", foreign.certificate(), trusted));
    begin("none", bare());
  }

  private static BuildxClient bare() throws Exception {
    return BuildxClient.at(
        Files.createDirectories(work.resolve("4")),
        address,
        "--driver-opt",
        "cacert=" + authority.certificate() + ",servername=localhost");
  }

  private static void begin(String name, BuildxClient client) throws Exception {
    Process build =
        client.start("build", "--builder=jb", "--progress=plain", greeting().toString());
    REFUSED.put(name, new Refused(client, build));
  }

  @AfterAll
  static void close() {
    REFUSED.values().forEach(refused -> refused.build.destroyForcibly());
    if (daemon != null) { // null when this machine can not build
      daemon.close();
    }
  }

  private static BuildxClient client(String name, Path cacert, Authority.Pair shown)
      throws Exception {
    return BuildxClient.at(
        Files.createDirectories(work.resolve(name)),
        address,
        "--driver-opt",
        "cacert=%s,cert=%s,key=%s,servername=localhost"
            .formatted(cacert, shown.cert(), shown.key()));
  }

  private static Path greeting() throws Exception {
    return host.context("FROM base\nRUN echo hello > /greeting\n");
  }

  /** Without the client's times: what it says at the end. */
  private static String error(Outcome outcome) {
    int at = outcome.err().lastIndexOf("ERROR: ");
    return at < 0 ? outcome.err() : outcome.err().substring(at).strip();
  }

  @Test
  void whoShowsACertificateBuilds() throws Exception {
    Path out = work.resolve("out");
    client("builds", authority.certificate(), trusted)
        .build(greeting(), "--output=type=local,dest=" + out)
        .succeeded();

    assertEquals("hello\n", Files.readString(out.resolve("greeting")));
  }

  @Test
  void aGrantOfTheCertificateReachesItsSteps() throws Exception {
    String said =
        client("granted", authority.certificate(), trusted)
            .build(host.context(HOST_STEP), "--allow=network.host")
            .succeeded()
            .err();

    assertTrue(said.contains(" on the host\n"), said);
  }

  @Test
  void anotherCertificateIsRefusedByName() throws Exception {
    var other = authority.signed("other", "DNS:dev.example.org", DAYS);
    Outcome refused =
        client("refused", authority.certificate(), other)
            .build(host.context(HOST_STEP), "--allow=network.host")
            .endedWith(1);

    assertEquals(
        "ERROR: failed to build: failed to solve: PermissionDenied: the request needs the"
            + " entitlement network.host, which the daemon does not grant to the certificate"
            + " 'dev.example.org': put 'entitlements = [\"network.host\"]' into its [[client]]"
            + " table in jbuildd.toml",
        error(refused));
  }

  @Test
  void aCertificateOfAnotherAuthorityIsRefused() throws Exception {
    assertRefused("foreign", PATH + "Path does not chain with any of the trust anchors\n");
  }

  @Test
  void anExpiredCertificateIsRefused() throws Exception {
    assertRefused("old", PATH + "validity check failed\n");
  }

  @Test
  void aDaemonOfAnotherAuthorityIsRefusedByTheClient() throws Exception {
    assertRefused("distrusting", "(bad_certificate) Received fatal alert: bad_certificate\n");
  }

  @Test
  void withoutACertificateNothingIsAnswered() throws Exception {
    assertRefused("none", "(certificate_required) Empty client certificate chain\n");
  }

  /** The client only says that its time is over; the daemon's operator is told why. */
  private static void assertRefused(String name, String reason) throws Exception {
    Refused refused = Objects.requireNonNull(REFUSED.remove(name));
    Outcome outcome = refused.client.end(refused.build, name).endedWith(1);

    assertEquals("ERROR: failed to build: context deadline exceeded", error(outcome));
    assertTrue(daemon.log().contains(", it gets no answer: " + reason), daemon.log());
  }
}
