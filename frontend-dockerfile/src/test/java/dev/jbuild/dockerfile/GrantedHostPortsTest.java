package dev.jbuild.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code LocalhostInDefaultNetwork} where the build reaches some ports of the host. */
class GrantedHostPortsTest {

  @ParameterizedTest
  @CsvSource({
    "http://localhost:8080/x, 127.0.0.1:8080",
    "http://localhost:8080/x, 127.0.0.1:8000-9000",
    "http://localhost:8080/x, [::1]:8080",
    "http://127.0.0.2:8080/x, 127.0.0.2:8080",
    "http://[::1]:8080/x, [::1]:8080",
    "https://localhost/x, 127.0.0.1:443",
    "git://localhost/x, 127.0.0.1:9418"
  })
  void isSilentWhereThePortIsGranted(String url, String granted) throws Exception {
    assertEquals(List.of(), remarks(url, granted));
  }

  @ParameterizedTest
  @CsvSource({
    "http://localhost:8080/x, 127.0.0.1:8081, 127.0.0.1:8080",
    "http://127.0.0.2:8080/x, 127.0.0.1:8080, 127.0.0.2:8080",
    "http://[::1]:80/x, 127.0.0.1:80, [::1]:80"
  })
  void saysWhichGrantIsMissingWhereItIsNot(String url, String granted, String missing)
      throws Exception {
    assertEquals(
        List.of(
            "LocalhostInDefaultNetwork: '"
                + url
                + "' is the step itself here, not the machine around it, which RUN --network=host"
                + " would reach, and --allow network.host="
                + missing
                + " for this port alone (line 2)"),
        remarks(url, granted));
  }

  private static List<String> remarks(String url, String granted) throws InterruptedException {
    var bridge = new FakeBridge().hostPorts(granted);
    Frontends.solve("FROM alpine\nRUN curl " + url + "\n", Map.of(), bridge);
    return bridge.warnings().stream().map(warning -> warning.shortText()).toList();
  }
}
