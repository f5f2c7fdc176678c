package dev.jbuild.registry;

import static dev.jbuild.registry.RegistryFixture.OCI_MANIFEST;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ResolveTest {
  private final RegistryFixture fixture = new RegistryFixture();
  private final TestRegistry registry = fixture.registry;

  ResolveTest() throws IOException {}

  @AfterEach
  void close() {
    fixture.close();
  }

  private BuildException failure(String path, String tag) {
    return assertThrows(
        BuildException.class,
        () -> fixture.client().resolveTag(fixture.repository(path), tag, fixture));
  }

  @Test
  void headAloneResolvesATag() throws Exception {
    Digest digest = registry.manifest("app", "1", OCI_MANIFEST, "{}");
    Resolved resolved = fixture.client().resolveTag(fixture.repository("app"), "1", fixture);
    assertEquals(new Resolved(digest, OCI_MANIFEST, null), resolved);
    assertEquals(List.of("HEAD /v2/app/manifests/1"), registry.requests());
  }

  @Test
  void missingDigestHeaderMakesItReadAndHash() throws Exception {
    byte[] body = "{ }".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    registry.trick("/v2/app/manifests/1", TestRegistry.lying(OCI_MANIFEST, body));
    registry.trick("/v2/app/manifests/1", TestRegistry.lying(OCI_MANIFEST, body));
    Resolved resolved = fixture.client().resolveTag(fixture.repository("app"), "1", fixture);
    assertEquals(new Resolved(Digest.of(body), OCI_MANIFEST, Bytes.copyOf(body)), resolved);
  }

  @Test
  void refusedHeadMakesItGet() throws Exception {
    Digest digest = registry.manifest("app", "1", OCI_MANIFEST, "{}");
    registry.trick("/v2/app/manifests/1", TestRegistry.failing(405, "UNSUPPORTED", "no HEAD"));
    assertEquals(
        digest, fixture.client().resolveTag(fixture.repository("app"), "1", fixture).digest());
  }

  @Test
  void forbiddenHeadIsAskedAgainForItsWords() {
    registry.trick("/v2/app/manifests/1", TestRegistry.failing(403, "DENIED", "not yours"));
    registry.trick("/v2/app/manifests/1", TestRegistry.failing(403, "DENIED", "not yours"));
    BuildException failure = failure("app", "1");
    assertEquals(Code.UNAUTHENTICATED, failure.code());
    assertEquals(
        "GET http://HOST/v2/app/manifests/1: 403 DENIED: not yours; this user may not read it:"
            + " ask for the right at 'HOST'",
        fixture.stable(failure.message()));
  }

  @Test
  void missingTagIsNotFound() {
    BuildException failure = failure("app", "nope");
    assertEquals(Code.NOT_FOUND, failure.code());
    assertEquals(
        "HEAD http://HOST/v2/app/manifests/nope: 404; no such image or blob: check its name, tag"
            + " and digest",
        fixture.stable(failure.message()));
  }

  @Test
  void webPageIsNoManifest() {
    byte[] page = new byte[20];
    registry.trick("/v2/app/manifests/1", TestRegistry.lying("text/html; charset=utf-8", page));
    registry.trick("/v2/app/manifests/1", TestRegistry.lying("text/html; charset=utf-8", page));
    BuildException failure = failure("app", "1");
    assertEquals(Code.DATA_LOSS, failure.code());
    assertEquals(
        "GET http://HOST/v2/app/manifests/1: answered with content type 'text/html', want an image"
            + " manifest: is this host a registry?",
        fixture.stable(failure.message()));
  }

  @Test
  void schemaOneIsRefusedByName() {
    String type = "application/vnd.docker.distribution.manifest.v1+prettyjws";
    registry.manifest("app", "1", type, "{}");
    assertEquals(
        "HEAD http://HOST/v2/app/manifests/1: the image has the old schema 1, which is not read:"
            + " push it again with a current tool",
        fixture.stable(failure("app", "1").message()));
  }

  @Test
  void oversizedManifestIsRefused() {
    var large = new char[RegistryClient.MAX_DOCUMENT_BYTES + 1];
    Arrays.fill(large, ' ');
    registry.manifest("app", "1", OCI_MANIFEST, new String(large));
    BuildException failure = failure("app", "1");
    assertEquals(Code.RESOURCE_EXHAUSTED, failure.code());
    assertEquals(
        "HEAD http://HOST/v2/app/manifests/1: the manifest is larger than 4 MiB, which is refused",
        fixture.stable(failure.message()));
  }

  @Test
  void oversizedManifestWithoutALengthIsRefused() {
    byte[] large = new byte[RegistryClient.MAX_DOCUMENT_BYTES + 1];
    registry.trick("/v2/app/manifests/1", TestRegistry.failing(405, "", ""));
    registry.trick(
        "/v2/app/manifests/1",
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", OCI_MANIFEST);
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(large);
          return true;
        });
    assertEquals(Code.RESOURCE_EXHAUSTED, failure("app", "1").code());
  }

  @Test
  void documentOfAnotherDigestIsALie() {
    Digest digest = registry.manifest("app", "", OCI_MANIFEST, "{}");
    registry.trick(
        "/v2/app/manifests/" + digest, TestRegistry.lying(OCI_MANIFEST, new byte[] {'['}));
    BuildException failure =
        assertThrows(
            BuildException.class,
            () -> fixture.client().document(fixture.repository("app"), digest, fixture));
    assertEquals(Code.DATA_LOSS, failure.code());
    assertEquals(
        "registry 'HOST' sent a manifest of 'HOST/app' with digest "
            + Digest.of(new byte[] {'['})
            + ", want "
            + digest
            + ": the image is damaged, or the registry lies",
        fixture.stable(failure.message()));
  }

  @Test
  void documentKnownOnlyAsBlobIsFound() throws Exception {
    Digest digest = registry.blob("app", new byte[] {'{', '}'});
    assertEquals(
        "{}",
        fixture.client().document(fixture.repository("app"), digest, fixture).body().toUtf8());
  }

  @Test
  void refusedConnectionNamesTheHost() throws Exception {
    int port;
    try (var socket = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    BuildException failure =
        assertThrows(
            BuildException.class,
            () ->
                fixture
                    .client()
                    .resolveTag(new Repository("127.0.0.1:" + port, "a"), "1", fixture));
    assertEquals(Code.UNAVAILABLE, failure.code());
    assertEquals(
        "HEAD http://127.0.0.1:PORT/v2/a/manifests/1: nothing accepts connections at"
            + " '127.0.0.1:PORT': check that the registry runs and the port is right",
        failure.message().replace(":" + port, ":PORT"));
    assertEquals(List.of(), fixture.pauses);
  }

  @Test
  void unknownHostIsNamed() {
    BuildException failure =
        assertThrows(
            BuildException.class,
            () ->
                fixture.client().resolveTag(new Repository("no.such.invalid", "a"), "1", fixture));
    assertEquals(Code.UNAVAILABLE, failure.code());
    assertEquals(
        "HEAD https://no.such.invalid/v2/a/manifests/1: unknown host 'no.such.invalid': check the"
            + " name and the machine's DNS",
        failure.message());
  }

  @Test
  void mirrorIsAskedFirstAndToldTheDomain() throws Exception {
    registry.manifest("proxy/library/app", "1", OCI_MANIFEST, "{}");
    var config =
        RegistryFixture.config(
            "docker.io",
            new HostConfig(null, false, null, List.of("http://" + registry.host() + "/proxy")));
    RegistryClient client =
        fixture.client(RegistryFixture.NOBODY, config, java.time.Clock.systemUTC());
    assertNull(client.resolveTag(new Repository("docker.io", "library/app"), "1", fixture).body());
    assertEquals(
        List.of("HEAD /v2/proxy/library/app/manifests/1?ns=docker.io"), registry.requests());
  }

  @Test
  void failingMirrorIsPassedOverWithANote() throws Exception {
    Digest digest = registry.manifest("app", "1", OCI_MANIFEST, "{}");
    var config =
        RegistryFixture.config(
            registry.host(), new HostConfig(null, false, null, List.of(registry.host() + "/gone")));
    RegistryClient client =
        fixture.client(RegistryFixture.NOBODY, config, java.time.Clock.systemUTC());
    assertEquals(digest, client.resolveTag(fixture.repository("app"), "1", fixture).digest());
    assertEquals(
        List.of(
            "mirror HOST passed over: HEAD http://HOST/v2/gone/app/manifests/1: 404; no such image"
                + " or blob: check its name, tag and digest"),
        fixture.notes);
  }
}
