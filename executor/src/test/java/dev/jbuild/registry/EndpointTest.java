package dev.jbuild.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class EndpointTest {

  private static Endpoint only(String domain, HostConfig host) {
    return Endpoint.of(domain, RegistryFixture.config(domain, host)).getFirst();
  }

  @Test
  void dockerHubHasItsOwnApiHost() {
    Endpoint endpoint = only("docker.io", HostConfig.DEFAULT);
    assertEquals("registry-1.docker.io", endpoint.host());
    assertEquals("docker.io", endpoint.login());
    assertEquals(
        "https://registry-1.docker.io/v2/library/a/manifests/1",
        endpoint.url("https", new Repository("docker.io", "library/a"), "manifests/1"));
  }

  @Test
  void loopbackSpeaksPlainHttp() {
    for (String host :
        List.of("localhost", "localhost:5000", "127.0.0.1:80", "[::1]:5000", "127.1.2.3")) {
      assertEquals(List.of("http"), only(host, HostConfig.DEFAULT).schemes(), host);
    }
  }

  @Test
  void otherHostsSpeakHttps() {
    for (String host : List.of("example.com:80", "10.0.0.1", "127.evil.example", "notlocalhost")) {
      assertEquals(List.of("https"), only(host, HostConfig.DEFAULT).schemes(), host);
    }
  }

  @Test
  void configurationDecidesTheScheme() {
    assertEquals(
        List.of("http"), only("a.b", new HostConfig(true, false, null, List.of())).schemes());
    assertEquals(
        List.of("https"),
        only("localhost", new HostConfig(false, false, null, List.of())).schemes());
    assertEquals(
        List.of("https", "http"),
        only("a.b", new HostConfig(null, true, null, List.of())).schemes());
  }

  @Test
  void insecureLoopbackMaySpeakTls() {
    assertEquals(
        List.of("https", "http"),
        only("localhost:5000", new HostConfig(null, true, null, List.of())).schemes());
    assertEquals(
        List.of("http"),
        only("localhost:5000", new HostConfig(true, true, null, List.of())).schemes());
  }

  @Test
  void mirrorsComeFirstWithTheirOwnLogin() {
    Endpoint mirror =
        only("docker.io", new HostConfig(null, false, null, List.of("m.example:5000/proxy/hub")));
    assertEquals("m.example:5000", mirror.login());
    assertEquals(
        "https://m.example:5000/v2/proxy/hub/library/a/blobs/x?ns=docker.io",
        mirror.url("https", new Repository("docker.io", "library/a"), "blobs/x"));
  }

  @Test
  void nameThatWouldLeaveItsPathIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Repository("a.b", "../x"));
    assertThrows(IllegalArgumentException.class, () -> new Repository("a.b", "x/../y"));
    assertThrows(IllegalArgumentException.class, () -> new Repository("a.b/c", "x"));
    assertThrows(IllegalArgumentException.class, () -> new Repository("a.b", "X"));
  }
}
