package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What is told of a step's traffic, in the progress and in the report. */
@Tag("root")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NetworkLedgerIT {
  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
  private static final Pattern BYTES =
      Pattern.compile("\"bytesSent\":[0-9]+,\"bytesReceived\":[0-9]+");

  /** Some kernels let all programs be loaded but this one. */
  private static final Pattern NETLINK = Pattern.compile(",?\"netlink and packet sockets[^\"]*\"");

  private static final Pattern RECEIVED = Pattern.compile("\"bytesReceived\":([0-9]+)");

  private BuildHost host;
  private OutsideServices outside;

  @BeforeAll
  void open(@TempDir Path directory) throws Exception {
    host = BuildHost.withBase(directory);
    outside = OutsideServices.open(directory);
  }

  @AfterAll
  void close() throws IOException {
    if (outside != null) { // null when this machine can not build
      outside.close();
    }
  }

  private Outcome build(String dockerfile, String... flags) throws IOException {
    return host.build(OutsideHost.addressed(dockerfile), flags);
  }

  /** The report with what differs from run to run replaced. */
  private String report(String file) throws IOException {
    String text = Files.readString(host.work().resolve(file));
    text = DIGEST.matcher(text).replaceAll("D");
    text = BYTES.matcher(text).replaceAll("BYTES");
    return NETLINK.matcher(text).replaceAll("");
  }

  @Test
  void namesPeersAndRefusalsAreToldAtTheEndOfTheStep() throws Exception {
    Outcome outcome =
        build(
                """
                FROM base
                RUN wget -q -O /file http://files.example:8000/file; nslookup nowhere.example; \
                    nc -w 2 OUTSIDE 81; ping -c 1 -W 5 OUTSIDE; \
                    nc -w 2 $(ip route | sed -n 's/default via \\([0-9.]*\\).*/\\1/p') 22; true
                RUN --network=none echo nothing
                """,
                "--dns=" + OutsideHost.THERE)
            .succeeded();
    String text = String.join("\n", outcome.network()) + "\n";
    assertEquals(
        OutsideHost.addressed(
            """
            name nowhere.example not found (NXDOMAIN, asked OUTSIDE)
            refused tcp GATEWAY:22: steps do not reach the host
            tcp OUTSIDE:8000 (files.example), N sent, N received
            icmp OUTSIDE (files.example), N sent, N received
            tcp OUTSIDE:81 (files.example), connection refused, N sent, N received
            """),
        text.replaceAll("refused tcp 10[0-9.]*:22", "refused tcp GATEWAY:22"));
    assertTrue(outcome.err().contains(" 84 B sent, 84 B received\n"), outcome.err());
  }

  @Test
  void reportOfAGoodBuildHasEveryStepThatRan() throws Exception {
    build(
            """
            FROM base
            RUN wget -q -O /report http://files.example:8000/file
            RUN --network=none echo nothing for the report
            """,
            "--dns=" + OutsideHost.THERE,
            "--network-report=good.json")
        .succeeded();
    assertEquals(
        OutsideHost.addressed(
            """
            {"steps":[{"name":"[2/3] RUN wget -q -O /report http://files.example:8000/file",\
            "digest":"D","mode":"sandbox","quiet":false,"lookups":[\
            {"name":"files.example","type":"A","answers":["OUTSIDE"],"outcome":"NOERROR",\
            "resolver":"OUTSIDE","count":1},\
            {"name":"files.example","type":"AAAA","answers":[],"outcome":"NOERROR",\
            "resolver":"OUTSIDE","count":1}],"peers":[\
            {"protocol":"tcp","address":"OUTSIDE","port":8000,"name":"files.example",BYTES,\
            "state":"answered","incoming":false}],"refusals":[],"notSeen":[]},\
            {"name":"[3/3] RUN --network=none echo nothing for the report","digest":"D",\
            "mode":"none","quiet":true,"lookups":[],"peers":[],"refusals":[],"notSeen":[]}],\
            "omitted":0}
            """),
        report("good.json"));
    var received = RECEIVED.matcher(Files.readString(host.work().resolve("good.json")));
    assertTrue(received.find());
    long bytes = Long.parseLong(received.group(1));
    assertTrue(bytes > OutsideServices.FILE_BYTES && bytes < 1.1 * OutsideServices.FILE_BYTES);
  }

  @Test
  void reportOfAFailedBuildIsWrittenToo() throws Exception {
    build(
            """
            FROM base
            RUN nc -w 2 OUTSIDE 82
            """,
            "--network-report=bad.json")
        .endedWith(1);
    assertEquals(
        OutsideHost.addressed(
            """
            {"steps":[{"name":"[2/2] RUN nc -w 2 OUTSIDE 82","digest":"D","mode":"sandbox",\
            "quiet":false,"lookups":[],"peers":[{"protocol":"tcp","address":"OUTSIDE","port":82,\
            "name":"",BYTES,"state":"refused","incoming":false}],"refusals":[],"notSeen":[]}],\
            "omitted":0}
            """),
        report("bad.json"));
  }

  @Test
  void hostModeSeesPeersAndSaysWhatItDoesNotSee() throws Exception {
    Outcome outcome =
        build(
                """
                FROM base
                RUN wget -q -O /host http://OUTSIDE:8000/file
                """,
                "--network=host",
                "--network-report=host.json")
            .succeeded();
    assertEquals(
        List.of(OutsideHost.addressed("tcp OUTSIDE:8000, N sent, N received")), outcome.network());
    assertEquals(
        OutsideHost.addressed(
            """
            {"steps":[{"name":"[2/2] RUN wget -q -O /host http://OUTSIDE:8000/file",\
            "digest":"D","mode":"host","quiet":false,"lookups":[],"peers":[\
            {"protocol":"tcp","address":"OUTSIDE","port":8000,"name":"",BYTES,\
            "state":"answered","incoming":false}],"refusals":[],"notSeen":[\
            "names are not listed: with the host's network the host's own resolver answers"]}],\
            "omitted":0}
            """),
        report("host.json"));
  }

  @Test
  void stepWithoutNetworkHasNothingToTell() throws Exception {
    Outcome outcome =
        build(
                """
                FROM base
                RUN nc -w 2 127.0.0.1 83; nc -w 2 OUTSIDE 83; true
                """,
                "--network=none")
            .succeeded();
    assertEquals(List.of(), outcome.network());
  }

  @Test
  void reportGoesToStandardOutputForADash() throws Exception {
    Outcome outcome =
        build("FROM base\nRUN --network=none echo dash\n", "--network-report=-").succeeded();
    assertTrue(outcome.out().startsWith("{\"steps\":[{\"name\":\"[2/2] RUN"), outcome.out());
    assertTrue(outcome.out().endsWith("],\"omitted\":0}\n"), outcome.out());
  }
}
