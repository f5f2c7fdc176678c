package dev.jbuild.linux.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.linux.Errno;
import dev.jbuild.linux.ErrnoException;
import dev.jbuild.network.TestHost;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written natively is what {@code nft} then lists. */
@Tag("root")
final class SetBatchTest {
  private static final int TCP = 6;
  private static final int UDP = 17;

  @TempDir private Path dir;
  private TestHost host;

  @BeforeEach
  void makeSets() throws Exception {
    host = new TestHost();
    var script =
        Files.writeString(
            dir.resolve("script"),
            """
            table inet t {
              chain left {
              }
              chain right {
              }
              set plain4 { type ipv4_addr; flags timeout; }
              set plain6 { type ipv6_addr; }
              set ports { type inet_service; }
              set seen { type ether_addr . ipv4_addr; }
              set spans { type ipv4_addr . inet_proto . inet_service; flags interval; }
              map to { type ipv4_addr . inet_proto . inet_service : ipv4_addr; flags interval; }
              map both { type inet_proto : ipv4_addr . inet_service; }
              map where { type ipv4_addr : verdict; }
            }
            """);
    TestHost.sh(host.host(), "nft -f " + script);
  }

  @AfterEach
  void end() throws IOException {
    host.close();
  }

  private static ElementKey key(String address) {
    return ElementKey.empty().address(InetAddress.ofLiteral(address));
  }

  private void exchange(SetBatch batch) throws IOException {
    host.thread().run(scope -> scope.netfilter().exchange(batch.batch()));
  }

  private List<SetElement> dump(String set) throws IOException {
    return host.thread()
        .run(scope -> SetElement.read(scope.netfilter().dump(SetBatch.list("t", set))));
  }

  /** The elements as {@code nft -j} gives them. */
  private String listed(String kind, String set) throws Exception {
    String json = TestHost.sh(host.host(), "nft -j list " + kind + " inet t " + set).strip();
    int at = json.indexOf("\"elem\": ");
    return at < 0 ? "" : json.substring(at + 8, json.length() - 4);
  }

  @Test
  void plainElementsAreListed() throws Exception {
    exchange(
        new SetBatch("t")
            .add("plain6", List.of(SetElement.of(key("2001:db8::1"))))
            .add("ports", List.of(SetElement.of(ElementKey.empty().port(443)))));
    assertEquals("[\"2001:db8::1\"]", listed("set", "plain6"));
    assertEquals("[443]", listed("set", "ports"));
    assertEquals(List.of(SetElement.of(key("2001:db8::1"))), dump("plain6"));
  }

  @Test
  void timeoutsAreMilliseconds() throws Exception {
    var element = SetElement.of(key("192.0.2.7")).forMillis(3_600_000);
    exchange(new SetBatch("t").add("plain4", List.of(element)));
    String listed = listed("set", "plain4");
    assertTrue(
        listed.matches(
            "\\[\\{\"elem\": \\{\"val\": \"192\\.0\\.2\\.7\", \"timeout\": 3600, \"expires\":"
                + " 3[56][0-9]{2}\\}\\}\\]"),
        listed);
    assertEquals(List.of(element), dump("plain4"));
  }

  @Test
  void shortTimeoutEndsTheElement() throws Exception {
    exchange(
        new SetBatch("t").add("plain4", List.of(SetElement.of(key("192.0.2.7")).forMillis(50))));
    TestHost.await(
        "the element ends",
        () -> {
          try {
            return dump("plain4").isEmpty();
          } catch (IOException e) {
            return false;
          }
        });
  }

  @Test
  void partsOfKeysAreFilledUp() throws Exception {
    var hardware = HardwareAddress.of((java.net.Inet4Address) InetAddress.ofLiteral("10.89.0.2"));
    var key = ElementKey.empty().hardware(hardware).address(InetAddress.ofLiteral("10.89.0.2"));
    exchange(new SetBatch("t").add("seen", List.of(SetElement.of(key))));
    assertEquals("[{\"concat\": [\"02:42:0a:59:00:02\", \"10.89.0.2\"]}]", listed("set", "seen"));
  }

  @Test
  void intervalsOfPartsAreOneElement() throws Exception {
    exchange(
        new SetBatch("t")
            .add(
                "spans",
                List.of(
                    SetElement.of(key("10.89.0.2").protocol(TCP).port(5000))
                        .to(key("10.89.0.2").protocol(TCP).port(5999)))));
    assertEquals(
        "[{\"concat\": [\"10.89.0.2\", \"tcp\", {\"range\": [5000, 5999]}]}]",
        listed("set", "spans"));
    assertEquals(1, dump("spans").size());
  }

  @Test
  void mapsGiveValues() throws Exception {
    var target = new SetElement.Value(key("127.0.0.1"));
    exchange(
        new SetBatch("t")
            .add(
                "to",
                List.of(
                    SetElement.of(key("10.89.0.2").protocol(TCP).port(80))
                        .to(key("10.89.0.2").protocol(TCP).port(80))
                        .giving(target),
                    SetElement.of(key("10.89.0.2").protocol(UDP).port(5000))
                        .to(key("10.89.0.2").protocol(UDP).port(5999))
                        .giving(target)))
            .add(
                "both",
                List.of(
                    SetElement.of(ElementKey.empty().protocol(TCP))
                        .giving(new SetElement.Value(key("192.0.2.1").port(53))))));
    assertEquals(
        "[[{\"concat\": [\"10.89.0.2\", \"tcp\", 80]}, \"127.0.0.1\"], [{\"concat\":"
            + " [\"10.89.0.2\", \"udp\", {\"range\": [5000, 5999]}]}, \"127.0.0.1\"]]",
        listed("map", "to"));
    assertEquals("[[\"tcp\", {\"concat\": [\"192.0.2.1\", 53]}]]", listed("map", "both"));
    assertEquals(target, dump("to").getFirst().data());
  }

  @Test
  void mapsGiveChains() throws Exception {
    var left = SetElement.of(key("10.89.0.2")).giving(new SetElement.Jump("left"));
    var right = SetElement.of(key("10.89.0.3")).giving(new SetElement.Goto("right"));
    exchange(new SetBatch("t").add("where", List.of(left)).add("where", List.of(right)));
    String listed = listed("map", "where");
    assertTrue(listed.contains("[\"10.89.0.2\", {\"jump\": {\"target\": \"left\"}}]"), listed);
    assertTrue(listed.contains("[\"10.89.0.3\", {\"goto\": {\"target\": \"right\"}}]"), listed);
    var dumped = dump("where");
    assertTrue(dumped.contains(left) && dumped.contains(right), dumped.toString());
  }

  @Test
  void deletingNeedsTheKeyAlone() throws Exception {
    var key = key("10.89.0.2").protocol(TCP).port(5000);
    var element = SetElement.of(key).to(key("10.89.0.2").protocol(TCP).port(5999));
    exchange(
        new SetBatch("t")
            .add("to", List.of(element.giving(new SetElement.Value(key("127.0.0.1")))))
            .add(
                "where",
                List.of(SetElement.of(key("10.89.0.2")).giving(new SetElement.Goto("right")))));
    exchange(
        new SetBatch("t")
            .delete("to", List.of(element))
            .delete("where", List.of(SetElement.of(key("10.89.0.2")))));
    assertEquals(List.of(), dump("to"));
    assertEquals(List.of(), dump("where"));
    TestHost.sh(host.host(), "nft delete chain inet t right");
  }

  @Test
  void transactionIsAllOrNothingAndNamesWhatFailed() throws Exception {
    var failure =
        assertThrows(
            ErrnoException.class,
            () ->
                exchange(
                    new SetBatch("t")
                        .add("ports", List.of(SetElement.of(ElementKey.empty().port(80))))
                        .delete("plain6", List.of(SetElement.of(key("2001:db8::9"))))));
    assertEquals(Errno.ENOENT, failure.errno());
    assertEquals("take from set plain6: ENOENT (no such file or directory)", failure.getMessage());
    assertEquals(List.of(), dump("ports"));
  }

  @Test
  void elementIsReplacedInOneTransaction() throws Exception {
    var element = SetElement.of(key("192.0.2.7"));
    exchange(new SetBatch("t").add("plain4", List.of(element.forMillis(60_000))));
    exchange(
        new SetBatch("t")
            .delete("plain4", List.of(element))
            .add("plain4", List.of(element.forMillis(90_000))));
    assertEquals(List.of(element.forMillis(90_000)), dump("plain4"));
  }

  @Test
  void missingTableIsNamed() {
    var failure =
        assertThrows(
            ErrnoException.class,
            () ->
                exchange(
                    new SetBatch("none")
                        .add("ports", List.of(SetElement.of(ElementKey.empty().port(80))))));
    assertEquals("add to set ports: ENOENT (no such file or directory)", failure.getMessage());
  }
}
