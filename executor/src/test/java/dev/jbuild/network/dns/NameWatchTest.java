package dev.jbuild.network.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.netplan.DnsSettings;
import dev.jbuild.network.ledger.Lookup;
import dev.jbuild.network.ledger.Protocol;
import dev.jbuild.network.ledger.Refusal;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Rcode;

/** Who watches the names that steps ask for learns what they mean, and may refuse them. */
final class NameWatchTest {
  @Test
  void anAddressHasTheNameThatWasAskedWhateverItIsAnAliasOf() throws IOException {
    var learnt = new CopyOnWriteArrayList<String>();
    var resolver =
        FakeResolver.onLoopback(
            "c.example. A 192.0.2.9",
            "b.example. CNAME c.example.",
            "CNAME b.example.",
            "c.example. A 192.0.2.8",
            "other.example. A 192.0.2.66");
    try (var stage = new Stage(List.of(resolver), List.of(), learning(learnt))) {
      stage.asker().udp("a.example", "A");
      assertEquals(List.of("a.example [/192.0.2.9, /192.0.2.8] 60"), learnt);
      assertEquals(
          List.of(
              new Lookup(
                  "a.example", "A", List.of("192.0.2.9", "192.0.2.8"), "NOERROR", "127.0.0.1", 1)),
          stage.client().lookups());
      assertEquals(
          Map.of(
              InetAddress.ofLiteral("192.0.2.9"), "a.example",
              InetAddress.ofLiteral("192.0.2.8"), "a.example"),
          stage.client().names());
    }
  }

  private static NameWatch learning(List<String> learnt) {
    return new NameWatch() {
      @Override
      public @Nullable String refusal(String name) {
        return name.endsWith("bad.example") ? "deny=*" : null;
      }

      @Override
      public void learned(String name, List<InetAddress> addresses, int ttlSeconds) {
        learnt.add(name + " " + addresses + " " + ttlSeconds);
      }
    };
  }

  @Test
  void aRefusedNameIsNotForwarded() throws IOException {
    var resolver = FakeResolver.onLoopback("A 192.0.2.1");
    try (var stage = new Stage(List.of(resolver), List.of(), learning(new ArrayList<>()))) {
      assertEquals(Rcode.REFUSED, stage.asker().udp("very.BAD.example", "A").getRcode());
      assertEquals(Rcode.REFUSED, stage.asker().udp("very.bad.example", "AAAA").getRcode());
      assertEquals(List.of(), resolver.asked());
      assertEquals(
          List.of(new Refusal(Protocol.OTHER, null, 0, "very.bad.example", "deny=*", true, 2)),
          stage.client().refusals());
      assertEquals(
          List.of(
              new Lookup("very.bad.example", "A", List.of(), "REFUSED", "", 1),
              new Lookup("very.bad.example", "AAAA", List.of(), "REFUSED", "", 1)),
          stage.client().lookups());
    }
  }

  /** A library that tries the search list first gives up when the first name is refused. */
  @Test
  void theSearchListsWayToAnAllowedNameIsOpen() throws IOException {
    var resolver = FakeResolver.onLoopback("A 192.0.2.1");
    var watch =
        new NameWatch() {
          @Override
          public @Nullable String refusal(String name) {
            return name.equals("pypi.example") ? null : "deny=*";
          }

          @Override
          public void learned(String name, List<InetAddress> addresses, int ttlSeconds) {}
        };
    var settings =
        new DnsSettings(List.of(resolver.address()), List.of("svc.Cluster.local."), List.of());
    try (var stage = new Stage(resolver);
        var asker = new Asker("127.0.1.2", Stage.GATEWAY, stage.port());
        var client =
            stage.server().register(List.of(InetAddress.ofLiteral("127.0.1.2")), settings, watch)) {
      assertEquals(Rcode.NXDOMAIN, asker.udp("pypi.example.svc.cluster.local", "A").getRcode());
      assertEquals(Rcode.NOERROR, asker.udp("pypi.example", "A").getRcode());
      assertEquals(List.of(), client.refusals());
      assertEquals(Rcode.REFUSED, asker.udp("bad.example.svc.cluster.local", "A").getRcode());
      assertEquals(List.of("udp pypi.example."), resolver.asked());
      assertEquals(
          List.of(
              new Refusal(
                  Protocol.OTHER, null, 0, "bad.example.svc.cluster.local", "deny=*", true, 1)),
          client.refusals());
    }
  }

  @Test
  void theWatchLearnsBeforeTheStep() throws IOException {
    var answered = new CountDownLatch(1);
    var early = new CopyOnWriteArrayList<String>();
    var watch =
        new NameWatch() {
          @Override
          public @Nullable String refusal(String name) {
            return null;
          }

          @Override
          public void learned(String name, List<InetAddress> addresses, int ttlSeconds) {
            try {
              early.add(answered.await(100, TimeUnit.MILLISECONDS) ? "too late" : "in time");
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
        };
    try (var stage = new Stage(List.of(FakeResolver.onLoopback("A 192.0.2.1")), List.of(), watch)) {
      stage.asker().udp("a.example", "A");
      answered.countDown();
      assertEquals(List.of("in time"), early);
    }
  }

  @Test
  void aFailingWatchKeepsTheAnswerBack() throws IOException {
    var watch =
        new NameWatch() {
          @Override
          public @Nullable String refusal(String name) {
            return null;
          }

          @Override
          public void learned(String name, List<InetAddress> addresses, int ttlSeconds) {
            throw new IllegalStateException("as the test wants");
          }
        };
    try (var stage = new Stage(List.of(FakeResolver.onLoopback("A 192.0.2.1")), List.of(), watch)) {
      assertEquals(Rcode.SERVFAIL, stage.asker().udp("a.example", "A").getRcode());
    }
  }
}
