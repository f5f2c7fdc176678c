package dev.jbuild.network.ledger.json;

import dev.jbuild.network.ledger.BuildLedger;
import dev.jbuild.network.ledger.Endpoint;
import dev.jbuild.network.ledger.Lookup;
import dev.jbuild.network.ledger.NetworkReport;
import dev.jbuild.network.ledger.Peer;
import dev.jbuild.network.ledger.Refusal;
import dev.jbuild.network.ledger.StepReport;
import dev.jbuild.oci.Bytes;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes what the steps of a build did in their networks: one object and a line end.
 *
 * <ul>
 *   <li>{@code steps}: those that ran, in the order in which they ended; each has {@code name},
 *       {@code digest} (of its vertex, {@code sha256:...}; of its name for a container), {@code
 *       mode} ({@code sandbox}, {@code host}, {@code none}: what it really had), {@code quiet}
 *       (whether it is proven that it opened no socket beyond its own loopback), and the lists
 *       below, sorted
 *   <li>{@code lookups}: {@code name}, {@code type}, {@code answers}, {@code outcome}, {@code
 *       resolver}, {@code count}
 *   <li>{@code peers}: {@code protocol} ({@code tcp}, {@code udp}, {@code icmp}, {@code other}),
 *       {@code address}, {@code port} (0 for none), {@code name} (or empty), {@code bytesSent},
 *       {@code bytesReceived}, {@code state} ({@code answered}, {@code refused}, {@code silent}),
 *       {@code incoming} (whether the peer began it)
 *   <li>{@code refusals}: {@code protocol}, {@code address} (empty for a name that was not looked
 *       up), {@code port}, {@code name}, {@code rule}, {@code egress} (whether that is an egress
 *       rule), {@code count}
 *   <li>{@code notSeen}: sentences on what could not be watched
 *   <li>{@code omitted}, beside {@code steps}: how many steps more there were than are told of
 * </ul>
 */
public final class LedgerJson {
  private static final JsonFactory FACTORY = new JsonFactory();

  private LedgerJson() {}

  /** Equal ledgers give equal bytes. */
  public static Bytes write(BuildLedger.Page ledger) {
    var bytes = new ByteArrayOutputStream(4096);
    try (var json = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartObject();
      json.writeArrayPropertyStart("steps");
      ledger.steps().forEach(step -> step(json, step));
      json.writeEndArray();
      json.writeNumberProperty("omitted", ledger.omitted());
      json.writeEndObject();
    }
    bytes.write('\n');
    return Bytes.copyOf(bytes.toByteArray());
  }

  private static void step(JsonGenerator json, StepReport step) {
    NetworkReport report = step.report();
    json.writeStartObject();
    json.writeStringProperty("name", step.name());
    json.writeStringProperty("digest", step.digest().toString());
    json.writeStringProperty("mode", word(report.mode()));
    json.writeBooleanProperty("quiet", report.quiet());
    json.writeArrayPropertyStart("lookups");
    report.lookups().stream()
        .sorted(Comparator.comparing(Lookup::name).thenComparing(Lookup::type))
        .forEach(lookup -> lookup(json, lookup));
    json.writeEndArray();
    json.writeArrayPropertyStart("peers");
    report.peers().stream()
        .sorted(
            Comparator.comparing(Peer::protocol)
                .thenComparing(peer -> Endpoint.text(peer.address()))
                .thenComparingInt(Peer::port)
                .thenComparing(Peer::incoming))
        .forEach(peer -> peer(json, peer));
    json.writeEndArray();
    json.writeArrayPropertyStart("refusals");
    report.refusals().stream()
        .sorted(
            Comparator.comparing(Refusal::protocol)
                .thenComparing(refusal -> text(refusal.address()))
                .thenComparingInt(Refusal::port)
                .thenComparing(Refusal::name)
                .thenComparing(Refusal::rule))
        .forEach(refusal -> refusal(json, refusal));
    json.writeEndArray();
    texts(json, "notSeen", report.notSeen().stream().filter(why -> !why.isEmpty()).toList());
    json.writeEndObject();
  }

  private static void lookup(JsonGenerator json, Lookup lookup) {
    json.writeStartObject();
    json.writeStringProperty("name", lookup.name());
    json.writeStringProperty("type", lookup.type());
    texts(json, "answers", lookup.answers());
    json.writeStringProperty("outcome", lookup.outcome());
    json.writeStringProperty("resolver", lookup.resolver());
    json.writeNumberProperty("count", lookup.count());
    json.writeEndObject();
  }

  private static void peer(JsonGenerator json, Peer peer) {
    json.writeStartObject();
    json.writeStringProperty("protocol", word(peer.protocol()));
    json.writeStringProperty("address", text(peer.address()));
    json.writeNumberProperty("port", peer.port());
    json.writeStringProperty("name", peer.name());
    json.writeNumberProperty("bytesSent", peer.bytesSent());
    json.writeNumberProperty("bytesReceived", peer.bytesReceived());
    json.writeStringProperty("state", word(peer.state()));
    json.writeBooleanProperty("incoming", peer.incoming());
    json.writeEndObject();
  }

  private static void refusal(JsonGenerator json, Refusal refusal) {
    json.writeStartObject();
    json.writeStringProperty("protocol", word(refusal.protocol()));
    json.writeStringProperty("address", text(refusal.address()));
    json.writeNumberProperty("port", refusal.port());
    json.writeStringProperty("name", refusal.name());
    json.writeStringProperty("rule", refusal.rule());
    json.writeBooleanProperty("egress", refusal.egress());
    json.writeNumberProperty("count", refusal.count());
    json.writeEndObject();
  }

  private static void texts(JsonGenerator json, String name, List<String> texts) {
    json.writeArrayPropertyStart(name);
    texts.forEach(json::writeString);
    json.writeEndArray();
  }

  private static String text(@Nullable InetAddress address) {
    return address == null ? "" : Endpoint.text(address);
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
