package dev.jbuild.network;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HostResolversTest {
  @TempDir private Path dir;

  private String conf(String first, String second) throws IOException {
    var one = Files.writeString(dir.resolve("one"), first);
    var two = Files.writeString(dir.resolve("two"), second);
    return new HostResolvers(List.of(one, dir.resolve("missing"), two))
        .select(Set.of(InetAddress.ofLiteral("192.0.2.1")))
        .resolvConf();
  }

  @Test
  void reachableResolversKeepTheirOrderAndSettings() throws IOException {
    assertEquals(
        "nameserver 10.0.0.2\nnameserver 10.0.0.1\nsearch a.example b.example\noptions ndots:2\n",
        conf(
            """
            # comment
            search a.example b.example
            nameserver 10.0.0.2
            nameserver ::1
              nameserver\t10.0.0.1\s
            options ndots:2
            nonsense
            """,
            "nameserver 10.9.9.9\n"));
  }

  @Test
  void realResolversBehindAStubAreFound() throws IOException {
    assertEquals(
        "nameserver 10.0.0.3\nsearch x\n",
        conf("nameserver 127.0.0.53\n", "nameserver 10.0.0.3\nsearch x\n"));
  }

  @Test
  void noneReachableIsSaidAndNothingPutInTheirPlace() throws IOException {
    assertEquals(
        "# no resolver: an isolated step cannot reach the host's 127.0.0.53, 192.0.2.1, fd00::1,"
            + " fe80::1%eth0, not-an-address\nsearch x\n",
        conf(
            "search x\nnameserver 127.0.0.53\nnameserver 192.0.2.1\n",
            "nameserver fd00::1\nnameserver fe80::1%eth0\nnameserver not-an-address\n"));
  }

  @Test
  void hostWithoutResolversIsSaid() throws IOException {
    assertEquals("# the host names no resolver\n", conf("", ""));
  }
}
