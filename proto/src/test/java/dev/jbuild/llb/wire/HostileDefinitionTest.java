package dev.jbuild.llb.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What anybody may send. Refusals name the op and the place; nothing else ever escapes. */
final class HostileDefinitionTest {
  private static final String ABSENT = "sha256:" + "0".repeat(64);
  private final DefinitionDecoder decoder = new DefinitionDecoder(Caps.KNOWN);

  @Test
  void oneEntryIsNoGraph() {
    refused(
        pb.Definition.newBuilder().addDef(ByteString.EMPTY).build(),
        "llb: invalid definition with 1 entry, want an op and an entry that names the result");
  }

  @Test
  void bytesThatAreNoOpAreRefused() {
    ByteString truncated = source().build().toByteString().substring(0, 9);
    refused(
        graph(truncated),
        "llb op "
            + digest(truncated)
            + ": is not a serialized op: While parsing a protocol message, the input ended"
            + " unexpectedly in the middle of a field.  This could mean either that the input has"
            + " been truncated or that an embedded message misreported its own length.");
  }

  @Test
  void aResultThatIsNotThereIsRefused() {
    ByteString last = result(ABSENT, 0);
    refused(
        pb.Definition.newBuilder().addDef(source().build().toByteString()).addDef(last).build(),
        "llb op " + digest(last) + ": missing input " + ABSENT);
  }

  @Test
  void aMissingInputIsRefused() {
    refusedOp(
        op -> op.addInputs(pb.Input.newBuilder().setDigest(ABSENT)), ": missing input " + ABSENT);
  }

  @Test
  void aMalformedDigestIsRefused() {
    refusedOp(
        op -> op.addInputs(pb.Input.newBuilder().setDigest("md5:1")),
        ": input 0: malformed digest 'md5:1'");
  }

  @Test
  void aNegativeOutputIndexIsRefused() {
    refusedOp(
        op -> op.addInputs(pb.Input.newBuilder().setDigest(ABSENT).setIndex(-1)),
        ": input 0: output index is -1, want 0 to 2147483646");
  }

  @Test
  void aHugeOutputIndexIsRefused() {
    refusedOp(
        op -> op.addInputs(pb.Input.newBuilder().setDigest(ABSENT).setIndex(1L << 40)),
        ": input 0: output index is 1099511627776, want 0 to 2147483646");
  }

  @Test
  void anOutputThatTheInputHasNotIsRefused() {
    ByteString source = source().build().toByteString();
    ByteString last = result(digest(source), 1);
    refused(
        pb.Definition.newBuilder().addDef(source).addDef(last).build(),
        "llb op " + digest(last) + ": takes output 1 of " + digest(source) + ", which has 1");
  }

  @Test
  void theLastEntryMustNameOneResult() {
    ByteString none =
        pb.Op.newBuilder().setPlatform(pb.Platform.newBuilder()).build().toByteString();
    refused(
        pb.Definition.newBuilder().addDef(source().build().toByteString()).addDef(none).build(),
        "llb op " + digest(none) + ": the last entry must have one input, the result, and no op");
  }

  @Test
  void anOpOfNoKnownKindIsRefused() {
    refusedOp(pb.Op.Builder::clearOp, ": is of no kind that jbuild knows");
  }

  @Test
  void aCapabilityThatIsNotKnownIsRefusedByName() {
    pb.Op op = source().build();
    pb.Definition wire =
        graph(op.toByteString()).toBuilder()
            .putMetadata(
                digest(op.toByteString()),
                pb.OpMetadata.newBuilder()
                    .putCaps("source.image", true)
                    .putCaps("source.frobnicate", true)
                    .build())
            .build();

    var failure = assertThrows(BuildException.class, () -> decoder.decode(wire));

    assertEquals(Code.UNIMPLEMENTED, failure.code());
    assertEquals(
        "llb op "
            + digest(op.toByteString())
            + ": capability 'source.frobnicate' is not supported by jbuild",
        failure.message());
  }

  @Test
  void aCapabilityOfTheLastEntryCountsToo() {
    pb.Definition graph = graph(source().build().toByteString());
    String last = digest(graph.getDef(1));
    pb.Definition wire =
        graph.toBuilder()
            .putMetadata(last, pb.OpMetadata.newBuilder().putCaps("platform", true).build())
            .build();
    var strict = new DefinitionDecoder(Set.of());

    var failure = assertThrows(BuildException.class, () -> strict.decode(wire));

    assertEquals(
        "llb op " + last + ": capability 'platform' is not supported by jbuild", failure.message());
  }

  @Test
  void aPlaceInAFileThatIsNotThereIsRefused() {
    pb.Op op = source().build();
    String digest = digest(op.toByteString());
    pb.Definition wire =
        graph(op.toByteString()).toBuilder()
            .setSource(
                pb.Source.newBuilder()
                    .putLocations(
                        digest,
                        pb.Locations.newBuilder()
                            .addLocations(pb.Location.newBuilder().setSourceIndex(7))
                            .build()))
            .build();

    refused(wire, "llb op " + digest + ": source index is 7, want none");
  }

  @Test
  void execsAreChecked() {
    refusedExec(exec -> exec.clearMeta(), ": exec has no meta");
    refusedExec(exec -> exec.getMetaBuilder().clearArgs(), ": exec has no args");
    refusedExec(exec -> exec.clearMounts(), ": exec has 0 mounts '/', want 1");
    refusedExec(exec -> exec.addMounts(mount("/").setInput(-1)), ": exec has 2 mounts '/', want 1");
    refusedExec(
        exec -> exec.getMountsBuilder(0).setMountType(pb.MountType.TMPFS),
        ": mount '/' is of type TMPFS, want BIND");
    refusedExec(
        exec -> exec.addMounts(mount("/x").setInput(1)), ": mount '/x': input is 1, want -1 to 0");
    refusedExec(
        exec -> exec.addMounts(mount("/x").setInput(Long.MIN_VALUE)),
        ": mount '/x': input is -9223372036854775808, want -1 to 0");
    refusedExec(
        exec -> exec.addMounts(mount("/x").setOutput(2)),
        ": mount '/x': output is 2, want -1 to 1");
    refusedExec(exec -> exec.setNetworkValue(9), ": unknown network mode 9");
    refusedExec(exec -> exec.setSecurityValue(9), ": unknown security mode 9");
    refusedExec(
        exec -> exec.addMounts(mount("/x").setMountTypeValue(9)), ": mount '/x': unknown type 9");
    refusedExec(
        exec -> exec.addMounts(mount("/x").setMountType(pb.MountType.CACHE)),
        ": mount '/x': has no cache options");
  }

  @Test
  void fileActionsAreChecked() {
    refusedFile(
        file -> file.addActions(mkdir().setInput(1)), ": action 0: input is 1, want -1 to 0");
    refusedFile(
        file -> file.addActions(mkdir().setOutput(-1)).addActions(mkdir().setInput(2)),
        ": action 1: input is 2, want -1 to 1");
    refusedFile(
        file -> file.addActions(mkdir()).addActions(mkdir()), ": output 0 is made by two actions");
    refusedFile(
        file -> file.addActions(mkdir().setOutput(-1)).addActions(mkdir().setOutput(1)),
        ": file outputs are {1}, want 0, 1, ... without a gap");
    refusedFile(file -> {}, ": file outputs are {}, want 0, 1, ... without a gap");
    refusedFile(
        file -> file.addActions(pb.FileAction.newBuilder()), ": action 0: none that jbuild knows");
  }

  @Test
  void otherOpsAreChecked() {
    refusedOp(
        op -> op.getSourceBuilder().setIdentifier("nothing"),
        ": source identifier is 'nothing', want 'scheme://...'");
    refusedOp(
        op -> op.setMerge(pb.MergeOp.newBuilder().addInputs(pb.MergeInput.newBuilder())),
        ": merge input is 0, want -1 to -1");
    refusedOp(
        op -> op.setDiff(pb.DiffOp.newBuilder().setLower(pb.LowerDiffInput.newBuilder())),
        ": diff has no upper input");
    refusedOp(
        op -> op.setPassthrough(pb.PassthroughOp.newBuilder().addOutputs(0)),
        ": passthrough output is 0, want none");
  }

  @Test
  void mutatedGraphsAreReadOrRefusedCleanly() {
    long seed = Long.getLong("jbuild.seed", System.nanoTime());
    var random = new Random(seed);
    List<ByteString> seeds = new ArrayList<>();
    seeds.add(source().build().toByteString());
    seeds.add(exec().build().toByteString());
    seeds.add(pb.Op.newBuilder().setFile(file().addActions(mkdir())).build().toByteString());
    for (int i = 0; i < 30_000; i++) {
      byte[] bytes = seeds.get(random.nextInt(seeds.size())).toByteArray();
      for (int change = random.nextInt(4); change >= 0; change--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      pb.Definition wire = graph(ByteString.copyFrom(bytes));
      try {
        decoder.decode(wire);
      } catch (BuildException refused) {
        assertEquals(Code.INVALID, refused.code(), () -> "seed " + seed);
      } catch (RuntimeException escaped) {
        throw new AssertionError("-Djbuild.seed=" + seed + " finds this", escaped);
      }
    }
  }

  @Test
  void mutatedBytesOfADefinitionAreReadOrRefusedCleanly() {
    long seed = Long.getLong("jbuild.seed", System.nanoTime());
    var random = new Random(seed);
    byte[] whole =
        DefinitionEncoder.toBytes(
                DefinitionEncoder.encode(Samples.run(Samples.alpine(), "x").output(0)))
            .toArray();
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = whole.clone();
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      try {
        decoder.decode(Bytes.copyOf(bytes));
      } catch (BuildException refused) {
        // a clean answer
      } catch (RuntimeException escaped) {
        throw new AssertionError("-Djbuild.seed=" + seed + " finds this", escaped);
      }
    }
  }

  private void refusedExec(Consumer<pb.ExecOp.Builder> change, String problem) {
    ByteString source = source().build().toByteString();
    pb.Op.Builder op = exec();
    change.accept(op.getExecBuilder());
    ByteString bytes =
        op.addInputs(pb.Input.newBuilder().setDigest(digest(source))).build().toByteString();
    refused(graphOver(source, bytes), "llb op " + digest(bytes) + problem);
  }

  private void refusedFile(Consumer<pb.FileOp.Builder> change, String problem) {
    ByteString source = source().build().toByteString();
    pb.FileOp.Builder file = file();
    change.accept(file);
    ByteString bytes =
        pb.Op.newBuilder()
            .setFile(file)
            .addInputs(pb.Input.newBuilder().setDigest(digest(source)))
            .build()
            .toByteString();
    refused(graphOver(source, bytes), "llb op " + digest(bytes) + problem);
  }

  private void refusedOp(Consumer<pb.Op.Builder> change, String problem) {
    pb.Op.Builder op = source();
    change.accept(op);
    ByteString bytes = op.build().toByteString();
    refused(graph(bytes), "llb op " + digest(bytes) + problem);
  }

  private void refused(pb.Definition wire, String message) {
    var failure = assertThrows(BuildException.class, () -> decoder.decode(wire));
    assertEquals(message, failure.message());
    assertEquals(Code.INVALID, failure.code());
  }

  private static pb.Definition graph(ByteString op) {
    return pb.Definition.newBuilder().addDef(op).addDef(result(digest(op), 0)).build();
  }

  private static pb.Definition graphOver(ByteString source, ByteString op) {
    return graph(op).toBuilder()
        .clearDef()
        .addDef(source)
        .addAllDef(graph(op).getDefList())
        .build();
  }

  private static ByteString result(String digest, long index) {
    return pb.Op.newBuilder()
        .addInputs(pb.Input.newBuilder().setDigest(digest).setIndex(index))
        .build()
        .toByteString();
  }

  private static pb.Op.Builder source() {
    return pb.Op.newBuilder()
        .setSource(pb.SourceOp.newBuilder().setIdentifier("docker-image://a:1"));
  }

  private static pb.Op.Builder exec() {
    return pb.Op.newBuilder()
        .setExec(
            pb.ExecOp.newBuilder()
                .setMeta(pb.Meta.newBuilder().addArgs("true").setCwd("/"))
                .addMounts(mount("/").setInput(-1)));
  }

  private static pb.Mount.Builder mount(String dest) {
    return pb.Mount.newBuilder().setDest(dest);
  }

  private static pb.FileOp.Builder file() {
    return pb.FileOp.newBuilder();
  }

  private static pb.FileAction.Builder mkdir() {
    return pb.FileAction.newBuilder()
        .setInput(-1)
        .setMkdir(pb.FileActionMkDir.newBuilder().setPath("/d"));
  }

  private static String digest(ByteString bytes) {
    return Bytes.copyOf(bytes.toByteArray()).digest().toString();
  }
}
