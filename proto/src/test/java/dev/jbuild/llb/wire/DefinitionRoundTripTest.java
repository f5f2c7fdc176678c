package dev.jbuild.llb.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.llb.Definition;
import dev.jbuild.llb.Definition.EncodedOp;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.LlbOp.BuildOp;
import dev.jbuild.llb.LlbOp.DiffOp;
import dev.jbuild.llb.LlbOp.MergeOp;
import dev.jbuild.llb.LlbOp.PassthroughOp;
import dev.jbuild.llb.LlbOp.SourceOp;
import dev.jbuild.llb.OpMetadata;
import dev.jbuild.llb.OpNode;
import dev.jbuild.oci.Bytes;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class DefinitionRoundTripTest {
  private final DefinitionDecoder decoder = new DefinitionDecoder(Caps.KNOWN);

  static List<LlbOp> ops() {
    return List.of(
        new SourceOp("local://context", Map.of("local.session", "", "a", "b")),
        Samples.exec("true"),
        Samples.mkdir("/d"),
        new MergeOp(List.of(0L, -1L)),
        new DiffOp(-1, 0),
        new BuildOp(-1, Map.of("in", 0L), null, Map.of("k", "v")),
        new PassthroughOp("gate", List.of(0L)));
  }

  @ParameterizedTest
  @MethodSource("ops")
  void everyKindOfOpIsReadBackAsItWasWritten(LlbOp op) {
    OpNode node = Samples.node(op, List.of(Samples.alpine().output(0)));
    Definition written = DefinitionEncoder.encode(node.output(0));

    assertEquals(written, decoder.decode(DefinitionEncoder.toBytes(written)));
    assertEquals(op, written.ops().getLast().op());
  }

  @Test
  void metadataIsReadBackAsItWasWritten() {
    var metadata =
        new OpMetadata(
            true,
            Map.of(OpMetadata.CUSTOM_NAME, "x", "other", ""),
            false,
            Map.of("exec.meta.base", true, "constraints", false),
            new OpMetadata.ProgressGroup("id", "name", true),
            new OpMetadata.LinuxResources(1, -2, 3, 4, -5, "0-1", "0"));
    var node = new OpNode(Samples.mkdir("/"), List.of(), null, metadata, List.of());

    Definition read = again(DefinitionEncoder.encode(node.output(0)));

    assertEquals(metadata, read.ops().getFirst().metadata());
    assertNull(read.ops().getFirst().platform());
  }

  @Test
  void noGraphIsAnEmptyDefinition() {
    assertEquals(Definition.SCRATCH, DefinitionEncoder.encode(null));
    assertEquals(0, DefinitionEncoder.toWire(Definition.SCRATCH).getDefCount());
    assertSame(Definition.SCRATCH, decoder.decode(pb.Definition.getDefaultInstance()));
    assertNull(Definition.SCRATCH.toGraph());
  }

  @Test
  void nodesOfEqualBytesBecomeOneOp() {
    OpNode one = Samples.alpine();
    OpNode two = Samples.alpine();
    OpNode merge =
        Samples.node(new MergeOp(List.of(0L, 1L)), List.of(one.output(0), two.output(0)));

    Definition definition = DefinitionEncoder.encode(merge.output(0));

    assertEquals(2, definition.ops().size());
    assertEquals(
        definition.ops().getLast().inputs().get(0), definition.ops().getLast().inputs().get(1));
  }

  @Test
  void aWishToIgnoreTheCacheSurvivesJoiningEqualNodes() {
    OpNode one = Samples.alpine();
    var two =
        new OpNode(
            one.op(),
            List.of(),
            Samples.AMD64,
            new OpMetadata(true, Map.of(), null, Map.of(), null, null),
            List.of());
    OpNode merge =
        Samples.node(new MergeOp(List.of(0L, 1L)), List.of(one.output(0), two.output(0)));

    assertTrue(DefinitionEncoder.encode(merge.output(0)).ops().getFirst().metadata().ignoreCache());
  }

  @Test
  void receivedBytesStayThoughTheyAreNotCanonical() {
    Bytes odd = withUnknownField(DefinitionEncoder.encode(Samples.alpine().output(0)), "9a0601ff");
    Definition read = decoder.decode(single(odd));
    EncodedOp op = read.ops().getFirst();

    assertEquals(odd, op.bytes());
    assertEquals(odd.digest(), op.digest());
    assertEquals(Samples.alpine().op(), op.op());
    assertEquals(read, DefinitionEncoder.encode(read.toGraph()));
    assertEquals(read, again(read));
  }

  @Test
  void aReceivedOpOverAnotherInputKeepsItsOtherFields() {
    Definition client = DefinitionEncoder.encode(Samples.run(Samples.alpine(), "x").output(0));
    OpNode run = Objects.requireNonNull(client.toGraph()).node();
    OpNode other = Samples.node(new SourceOp("docker-image://other:1", Map.of()), List.of());
    var moved =
        new OpNode(
            run.op(),
            List.of(other.output(0)),
            run.platform(),
            run.metadata(),
            run.locations(),
            withUnknownField(client, "9a0601ff"));

    EncodedOp op = DefinitionEncoder.encode(moved.output(0)).ops().getLast();

    assertNotEquals(run.received(), op.bytes());
    assertTrue(HexFormat.of().formatHex(op.bytes().toArray()).endsWith("9a0601ff"));
    assertEquals(
        DefinitionEncoder.encode(other.output(0)).ops().getLast().digest(),
        op.inputs().getFirst().digest());
  }

  @Test
  void aSourceFileIsWrittenOnce() {
    OpNode top = Samples.run(Samples.run(Samples.alpine(), "a"), "b");
    Definition definition = DefinitionEncoder.encode(top.output(0));

    assertEquals(1, DefinitionEncoder.toWire(definition).getSource().getInfosCount());
    List<EncodedOp> read = again(definition).ops();
    assertSame(
        read.get(1).locations().getFirst().info(), read.get(2).locations().getFirst().info());
    assertEquals(Samples.DOCKERFILE, read.get(2).locations().getFirst().info());
  }

  @Test
  void constraintsArePresentOnEveryOpButTheLast() throws Exception {
    pb.Definition wire =
        DefinitionEncoder.toWire(
            DefinitionEncoder.encode(Samples.run(Samples.alpine(), "a").output(0)));

    assertTrue(pb.Op.parseFrom(wire.getDef(0)).hasConstraints());
    assertTrue(pb.Op.parseFrom(wire.getDef(1)).hasConstraints());
    assertFalse(pb.Op.parseFrom(wire.getDef(2)).hasConstraints());
    assertTrue(
        wire.containsMetadata(Bytes.copyOf(wire.getDef(2).toByteArray()).digest().toString()));
  }

  @Test
  void usersMayComeBeforeTheirInputs() {
    Definition definition = DefinitionEncoder.encode(Samples.run(Samples.alpine(), "a").output(0));
    pb.Definition wire = DefinitionEncoder.toWire(definition);
    pb.Definition swapped =
        wire.toBuilder().setDef(0, wire.getDef(1)).setDef(1, wire.getDef(0)).build();

    assertEquals(definition, decoder.decode(swapped));
  }

  @Test
  void repeatedAndUnneededEntriesAreLeftOut() {
    Definition definition = DefinitionEncoder.encode(Samples.alpine().output(0));
    pb.Definition wire = DefinitionEncoder.toWire(definition);
    pb.Definition other =
        DefinitionEncoder.toWire(
            DefinitionEncoder.encode(Samples.run(Samples.alpine(), "a").output(0)));
    pb.Definition more =
        pb.Definition.newBuilder(wire)
            .clearDef()
            .addDef(wire.getDef(0))
            .addDef(wire.getDef(0))
            .addDef(other.getDef(1))
            .addDef(wire.getDef(1))
            .build();

    assertEquals(definition, decoder.decode(more));
  }

  @Test
  void aLongChainNeedsNoDeepStack() {
    OpNode top = Samples.alpine();
    for (int i = 0; i < 20_000; i++) {
      top = Samples.run(top, "step " + i);
    }
    OpNode chain = top;

    assertTimeout(
        Duration.ofSeconds(20),
        () -> {
          Definition read = again(DefinitionEncoder.encode(chain.output(0)));
          assertEquals(20_001, read.ops().size());
          assertEquals(read, DefinitionEncoder.encode(read.toGraph()));
        });
  }

  @Test
  void sharedInputsAreVisitedOnce() {
    OpNode top = Samples.alpine();
    for (int i = 0; i < 200; i++) {
      top = Samples.node(new MergeOp(List.of(0L, 1L)), Arrays.asList(top.output(0), top.output(0)));
    }
    OpNode lattice = top;

    assertTimeout(
        Duration.ofSeconds(10),
        () -> assertEquals(201, again(DefinitionEncoder.encode(lattice.output(0))).ops().size()));
  }

  private Definition again(Definition definition) {
    return decoder.decode(DefinitionEncoder.toWire(definition));
  }

  private static Bytes withUnknownField(Definition definition, String hex) {
    byte[] bytes = definition.ops().getLast().bytes().toArray();
    byte[] field = HexFormat.of().parseHex(hex);
    byte[] both = Arrays.copyOf(bytes, bytes.length + field.length);
    System.arraycopy(field, 0, both, bytes.length, field.length);
    return Bytes.copyOf(both);
  }

  private static pb.Definition single(Bytes op) {
    return pb.Definition.newBuilder()
        .addDef(OpCodec.wire(op))
        .addDef(
            pb.Op.newBuilder()
                .addInputs(pb.Input.newBuilder().setDigest(op.digest().toString()))
                .build()
                .toByteString())
        .build();
  }
}
