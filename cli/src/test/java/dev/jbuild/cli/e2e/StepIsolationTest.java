package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Steps of the default network and of none: what they see, and what they must not reach. */
@Tag("root")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StepIsolationTest {
  private final HostServices services = new HostServices();
  private BuildHost host;

  @BeforeAll
  void open(@TempDir Path directory) throws Exception {
    host = BuildHost.withBase(directory);
  }

  @AfterAll
  void close() throws IOException {
    services.close();
  }

  @Test
  void defaultStepHasLoopbackAndOneInterface() throws Exception {
    Path result = host.exported("FROM base\nRUN ls /sys/class/net >/net\n");
    assertEquals("eth0\nlo\n", Files.readString(result.resolve("net")));
  }

  @Test
  @DisplayName("S37 a step without network has nothing but lo, and no route")
  void stepWithoutNetworkHasLoopbackOnly() throws Exception {
    Path result =
        host.exported(
            """
            FROM base
            RUN --network=none ls /sys/class/net >/net && ip route >/routes
            """);
    assertEquals("lo\n", Files.readString(result.resolve("net")));
    assertEquals("", Files.readString(result.resolve("routes")));
  }

  @Test
  @DisplayName("S37 --network=none of the build holds for every step that says nothing else")
  void buildWithoutNetworkHasLoopbackOnly() throws Exception {
    Path result = host.exported("FROM base\nRUN ls /sys/class/net >/net\n", "--network=none");
    assertEquals("lo\n", Files.readString(result.resolve("net")));
  }

  @Test
  @DisplayName("S38 steps of all modes run in one build")
  void modesMixInOneBuild() throws Exception {
    int port = services.http("host");
    Path result =
        host.exported(
            """
            FROM base
            ARG PORT
            RUN ls /sys/class/net >/one
            RUN --network=none ls /sys/class/net >/two
            RUN --network=host wget -q -O /three http://localhost:$PORT/health
            RUN --network=default ls /sys/class/net >/four
            """,
            "--allow=network.host",
            "--build-arg=PORT=" + port);
    assertEquals("eth0\nlo\n", Files.readString(result.resolve("one")));
    assertEquals("lo\n", Files.readString(result.resolve("two")));
    assertEquals("host", Files.readString(result.resolve("three")));
    assertEquals("eth0\nlo\n", Files.readString(result.resolve("four")));
  }

  @Test
  void stepsAtOnceBindTheSamePortAndDoNotReachEachOther() throws Exception {
    try (var outside = OutsideHost.open()) {
      Process meeting = meetingPoint(outside);
      try {
        String stage =
            """
            FROM base AS NAME
            RUN echo NAME; echo mine >/page && httpd -p 8080 -h / && me=$(ip -o -4 addr show dev eth0 | \
                sed 's|.*inet \\([0-9.]*\\)/.*|\\1|') && echo $me >/me \
                && timeout 5 wget -q -O /own http://$me:8080/page \
                && at=http://OUTSIDE:8000/cgi-bin/meet \
                && timeout 5 wget -q -O /met "$at?$me" \
                && n=0 && until [ $(wc -l </met) -ge 2 ] || [ $n -ge 100 ]; do \
                  n=$((n+1)); usleep 100000; timeout 5 wget -q -O /met "$at"; done \
                && for other in $(grep -v -e "^$me$" -e done /met); do \
                  if timeout 3 wget -q -O /other http://$other:8080/page; \
                  then echo reached; else echo refused; fi; done >/outcome \
                && timeout 5 wget -q -O /met "$at?done-$me" \
                && n=0 && until [ $(wc -l </met) -ge 4 ] || [ $n -ge 100 ]; do \
                  n=$((n+1)); usleep 100000; timeout 5 wget -q -O /met "$at"; done; true
            """;
        Path result =
            host.exported(
                OutsideHost.addressed(stage).replace("NAME", "one")
                    + OutsideHost.addressed(stage).replace("NAME", "two")
                    + "FROM scratch\nCOPY --from=one /own /me /outcome /one/\n"
                    + "COPY --from=two /own /me /outcome /two/\n");
        for (String name : List.of("one", "two")) {
          assertEquals("mine\n", Files.readString(result.resolve(name).resolve("own")));
          assertEquals("refused\n", Files.readString(result.resolve(name).resolve("outcome")));
        }
        assertNotEquals(
            Files.readString(result.resolve("one/me")), Files.readString(result.resolve("two/me")));
      } finally {
        meeting.destroy();
      }
    }
  }

  /** A page on the host outside that notes each visitor's word and shows all words. */
  private Process meetingPoint(OutsideHost outside) throws Exception {
    Path site = Files.createTempDirectory(host.work(), "meet");
    Files.setPosixFilePermissions(site, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path script = Files.createDirectory(site.resolve("cgi-bin")).resolve("meet");
    Files.writeString(
        script,
        """
        #!/bin/sh
        [ -z "$QUERY_STRING" ] || echo "$QUERY_STRING" >>SITE/words
        printf 'Content-Type: text/plain\\r\\n\\r\\n'
        cat SITE/words
        """
            .replace("SITE", site.toString()));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    Process httpd = outside.start("busybox", "httpd", "-f", "-p", "8000", "-h", site.toString());
    outside.awaitPort(8000);
    return httpd;
  }

  @Test
  @DisplayName("S44 S64 a default step reaches the outside, which sees only the host's address")
  void outsideSeesTheHostsAddress() throws Exception {
    try (var outside = OutsideHost.open()) {
      Path site = Files.createTempDirectory(host.work(), "who");
      Path script = Files.createDirectory(site.resolve("cgi-bin")).resolve("who");
      Files.writeString(
          script,
          "#!/bin/sh\nprintf 'Content-Type: text/plain\\r\\n\\r\\n'; echo \"$REMOTE_ADDR\"\n");
      Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
      Process httpd = outside.start("busybox", "httpd", "-f", "-p", "8000", "-h", site.toString());
      try {
        outside.awaitPort(8000);
        Path result =
            host.exported(
                OutsideHost.addressed(
                    """
                    FROM base
                    RUN timeout 5 wget -q -O /seen http://OUTSIDE:8000/cgi-bin/who
                    RUN ping -c 1 -W 5 OUTSIDE >/ping
                    """));
        String seen = Files.readString(result.resolve("seen")).strip();
        assertEquals(OutsideHost.HERE, seen.substring(seen.lastIndexOf(':') + 1).replace("]", ""));
      } finally {
        httpd.destroy();
      }
    }
  }

  @Test
  void defaultStepReachesNeitherDaemonNorHost() throws Exception {
    String address = hostsAddress();
    String daemonAddress = "tcp://127.0.0.1:" + HostServices.freePort();
    String daemonPort = daemonAddress.substring(daemonAddress.lastIndexOf(':') + 1);
    int everywhere = services.tcp("0.0.0.0", "host");
    String probes =
        """
        probe() { nc -w 2 $1 $2 </dev/null >/dev/null 2>&1 && echo open || echo closed; }; \
        (probe 127.0.0.1 $DAEMON; probe 127.0.0.1 $PORT; probe $HOST $PORT; probe $HOST $DAEMON;\
         gateway=$(ip route | sed -n 's/default via \\([0-9.]*\\).*/\\1/p');\
         [ -z "$gateway" ] || probe $gateway $PORT; [ -z "$gateway" ] || probe $gateway $DAEMON)\
        """;
    String dockerfile =
        """
        FROM base
        ARG PORT DAEMON HOST
        RUN --network=default PROBES >/isolated
        RUN --network=host PROBES | head -n 3 >/host
        RUN [ "$(sort -u /isolated)" = closed ] && [ "$(wc -l </isolated)" = 6 ] \
            && [ "$(sort -u /host)" = open ] || { cat /isolated; echo; cat /host; exit 9; }
        """
            .replace("PROBES", probes);
    try (var daemon =
        DaemonProcess.at(host, daemonAddress, "--allow-insecure-entitlement=network.host")) {
      String text = daemon.log();
      assertTrue(text.contains(daemonAddress), text);
      Path context = host.context(dockerfile);
      host.jbuild(
              "--addr",
              daemon.address(),
              "build",
              "--progress=plain",
              "--allow=network.host",
              "--build-arg=PORT=" + everywhere,
              "--build-arg=DAEMON=" + daemonPort,
              "--build-arg=HOST=" + address,
              context.toString())
          .succeeded();
    }
  }

  /** An address of this machine that is not a loopback's. */
  private static String hostsAddress() throws IOException {
    var address =
        NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .filter(each -> each instanceof Inet4Address && !each.isLoopbackAddress())
            .findFirst();
    Assumptions.assumeTrue(
        address.isPresent(), "skipped: an IPv4 address beside the loopback's is missing");
    return address.orElseThrow().getHostAddress();
  }
}
