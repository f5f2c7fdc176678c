package dev.jbuild.solver.llb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.llb.Definition;
import dev.jbuild.llb.Definition.EncodedOp;
import dev.jbuild.llb.Definition.OpRef;
import dev.jbuild.llb.Entitlement;
import dev.jbuild.llb.FileAction;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.MountSpec;
import dev.jbuild.llb.NetMode;
import dev.jbuild.llb.SecurityMode;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.solver.CacheMap;
import dev.jbuild.solver.Edge;
import dev.jbuild.solver.Op;
import dev.jbuild.solver.OpContext;
import dev.jbuild.solver.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class LlbLoaderTest {
  private final List<String> made = new ArrayList<>();

  /** An op that is never run here. */
  private record IdleOp() implements Op {
    @Override
    public CacheMap cacheMap(OpContext context) {
      throw new IllegalStateException("not evaluated here");
    }

    @Override
    public List<Result> execute(OpContext context, List<Result> inputs) {
      throw new IllegalStateException("not evaluated here");
    }
  }

  private Edge load(Definition definition) {
    return load(definition, Grants.NONE);
  }

  private Edge load(Definition definition, Grants grants) {
    OpFactory factory =
        (op, place) -> {
          made.add(op.displayName());
          return new IdleOp();
        };
    return new LlbLoader(factory, new EntitlementPolicy(grants)).load(definition).orElseThrow();
  }

  private void assertInvalid(String text, Definition definition) {
    var failure = assertThrows(BuildException.class, () -> load(definition));
    assertEquals(text, failure.message());
    assertEquals(Code.INVALID, failure.code());
    assertEquals(List.of(), made);
  }

  private static EncodedOp image() {
    return Ops.encoded("image", Ops.source());
  }

  private static EncodedOp step(String name, EncodedOp on) {
    return Ops.encoded(name, Ops.exec(Ops.root(0)), Ops.ref(on));
  }

  @Test
  void emptyDefinitionIsScratch() {
    var loader = new LlbLoader((op, place) -> new IdleOp(), new EntitlementPolicy(Grants.NONE));

    assertFalse(loader.load(Definition.SCRATCH).isPresent());
  }

  @Test
  void opsBecomeVertices() {
    EncodedOp image = image();
    EncodedOp step = step("RUN true", image);

    Edge edge = load(Ops.definition(image, step));

    assertEquals("RUN true", edge.vertex().name());
    assertEquals(step.digest(), edge.vertex().digest());
    assertEquals(0, edge.index());
    assertEquals("image", edge.vertex().inputs().getFirst().vertex().name());
  }

  @Test
  void sharedInputIsOneVertex() {
    EncodedOp image = image();
    EncodedOp left = step("left", image);
    EncodedOp right = step("right", image);
    EncodedOp merge =
        Ops.encoded("merge", new LlbOp.MergeOp(List.of(0L, 1L)), Ops.ref(left), Ops.ref(right));

    load(Ops.definition(image, left, right, merge));

    assertEquals(List.of("image", "left", "right", "merge"), made);
  }

  @Test
  void opsThatTheResultDoesNotNeedAreNotMade() {
    EncodedOp image = image();
    EncodedOp dead = step("dead", image);
    EncodedOp live = step("live", image);

    load(Ops.definition(image, dead, live));

    assertEquals(List.of("image", "live"), made);
  }

  @Test
  void ignoringTheCacheIsAVertexOfItsOwn() {
    EncodedOp image = image();
    EncodedOp step = Ops.ignoringCache("step", Ops.exec(Ops.root(0)), Ops.ref(image));

    var vertex = load(Ops.definition(image, step)).vertex();

    assertEquals(true, vertex.ignoreCache());
    assertEquals(Bytes.utf8(step.digest() + "-ignorecache").digest(), vertex.digest());
    assertEquals(
        new Detail.FailedVertex(vertex.digest().toString(), vertex.name()),
        vertex.origin().getFirst(),
        "a failure names the vertex that progress shows");
  }

  @Test
  void vertexKnowsWhereItIsFrom() {
    EncodedOp image = image();
    EncodedOp step = Ops.atLine(2, "RUN true", Ops.exec(Ops.root(0)), Ops.ref(image));

    var origin = load(Ops.definition(image, step)).vertex().origin();

    assertEquals(
        List.of(
            new Detail.FailedVertex(step.digest().toString(), "RUN true"),
            new Detail.Source(
                "Dockerfile",
                "FROM scratch\nRUN true\n",
                "Dockerfile",
                List.of(new Detail.Lines(2, 0, 2, 8))),
            new Detail.FailedOp(
                step.bytes(), List.of(""), List.of(""), step.metadata().description())),
        origin,
        "clients take one id for each mount");
  }

  @Test
  void deepChainIsLoaded() {
    var ops = new ArrayList<EncodedOp>();
    ops.add(image());
    for (int i = 0; i < 20_000; i++) {
      ops.add(step("step " + i, ops.getLast()));
    }

    Edge edge = load(new Definition(ops, Ops.ref(ops.getLast())));

    assertEquals("step 19999", edge.vertex().name());
    assertEquals(20_001, made.size());
  }

  @Test
  void missingInputIsRefused() {
    Digest missing = Bytes.utf8("missing").digest();
    EncodedOp step = Ops.encoded("step", Ops.exec(Ops.root(0)), new OpRef(missing, 0));

    assertInvalid(
        "'step' uses " + missing + ", which does not come before it in the definition",
        Ops.definition(step));
  }

  @Test
  void missingResultIsRefused() {
    Digest missing = Bytes.utf8("missing").digest();

    assertInvalid(
        "the result uses " + missing + ", which does not come before it in the definition",
        new Definition(List.of(image()), new OpRef(missing, 0)));
  }

  @Test
  void outputOutOfRangeIsRefused() {
    EncodedOp image = image();
    EncodedOp step = Ops.encoded("step", Ops.exec(Ops.root(0)), new OpRef(image.digest(), 1));

    assertInvalid("'step' uses output 1 of 'image', which has 1", Ops.definition(image, step));
  }

  @Test
  void negativeOutputIsRefused() {
    EncodedOp image = image();

    assertInvalid(
        "the result uses output -1 of 'image', which has 1",
        new Definition(List.of(image), new OpRef(image.digest(), -1)));
  }

  @Test
  void deadOpMustBeEntitledToo() {
    EncodedOp image = image();
    EncodedOp dead =
        Ops.encoded(
            "dead", Ops.exec(NetMode.HOST, SecurityMode.SANDBOX, Ops.root(0)), Ops.ref(image));
    Definition definition = Ops.definition(image, dead, step("live", image));

    var failure = assertThrows(BuildException.class, () -> load(definition));
    assertEquals(Code.PERMISSION_DENIED, failure.code());
    assertEquals(List.of(), made);
    var all = Set.<Entitlement>of(new Entitlement.NetworkHost());
    assertEquals("live", load(definition, new Grants(all, all)).vertex().name());
  }

  private void assertInvalidOp(String why, LlbOp op) {
    EncodedOp image = image();
    assertInvalid(
        "'step' is not a valid step: " + why,
        Ops.definition(image, Ops.encoded("step", op, Ops.ref(image))));
  }

  @Test
  void invalidStepNamesItsLine() {
    EncodedOp image = image();
    EncodedOp step = Ops.atLine(2, "RUN true", Ops.exec(Ops.root(7)), Ops.ref(image));

    assertInvalid(
        "Dockerfile:2: 'RUN true' is not a valid step: the mount at '/' has the input 7, want -1"
            + " to 0",
        Ops.definition(image, step));
  }

  @Test
  void sourceHasNoInputsAndAScheme() {
    assertInvalidOp("a source has no inputs, this one has 1", Ops.source());
    assertInvalid(
        "'bare' is not a valid step: a source is '<scheme>://<rest>', got 'alpine'",
        Ops.definition(Ops.encoded("bare", new LlbOp.SourceOp("alpine", Map.of()))));
  }

  @Test
  void execRulesHold() {
    assertInvalidOp(
        "it has no command",
        Ops.exec(List.of(), NetMode.SANDBOX, SecurityMode.SANDBOX, Ops.root(0)));
    assertInvalidOp("one mount is to be at '/', got 0", Ops.exec());
    assertInvalidOp("one mount is to be at '/', got 2", Ops.exec(Ops.root(0), Ops.root(0)));
    assertInvalidOp("the mount at '/' has the input -2, want -1 to 0", Ops.exec(Ops.root(-2)));
    assertInvalidOp(
        "the mount at '/a' has the output 9223372036854775807, want -1 to 1",
        Ops.exec(Ops.root(0), MountSpec.bind(0, "/a", Long.MAX_VALUE, false)));
    assertInvalidOp(
        "two mounts have the same output",
        Ops.exec(Ops.root(0), MountSpec.bind(0, "/a", 0, false)));
    assertInvalidOp("the mount at '/' is to be a bind, got TMPFS", Ops.exec(mount("/", 0)));
  }

  private static MountSpec mount(String dest, long output) {
    return new MountSpec(
        -1,
        "",
        dest,
        output,
        false,
        MountSpec.Type.TMPFS,
        new MountSpec.Tmpfs(0),
        "",
        MountSpec.ContentCache.DEFAULT);
  }

  @Test
  void secretsAreNoOutputs() {
    var secret =
        new MountSpec(
            -1,
            "",
            "/run/secrets/a",
            0,
            true,
            MountSpec.Type.SECRET,
            new MountSpec.Secret("a", 0, 0, 0400, false),
            "",
            MountSpec.ContentCache.DEFAULT);

    assertEquals(1, OpOutputs.count(Ops.exec(Ops.root(0), secret)));
  }

  private static FileAction copy(long base, long source, long output) {
    return new FileAction(
        base,
        source,
        output,
        new FileAction.Copy(
            "/a", "/b", null, -1, false, false, false, true, false, false, -1, List.of(), List.of(),
            false, "", List.of()));
  }

  private static FileAction mkdir(long base, long output, FileAction.Owner owner) {
    return new FileAction(
        base, -1, output, new FileAction.MakeDirectory("/a", 0755, true, owner, -1));
  }

  private static LlbOp file(FileAction... actions) {
    return new LlbOp.FileOp(List.of(actions));
  }

  @Test
  void fileRulesHold() {
    assertInvalidOp("it does nothing", file());
    assertInvalidOp("the base has the input 1, want -1 to 0", file(copy(1, 0, 0)));
    assertInvalidOp("the copy source has the input -1, want 0 to 0", file(copy(0, -1, 0)));
    assertInvalidOp("none of its actions has an output", file(copy(0, 0, -1)));
    assertInvalidOp("an action has the output 1, want -1 to 0", file(copy(0, 0, 1)));
    assertInvalidOp("two actions have the output 0", file(copy(0, 0, 0), copy(1, 0, 0)));
    var owner = new FileAction.Owner(new FileAction.ByName("www", 5), null);
    assertInvalidOp("the user's name has the input 5, want -1 to 0", file(mkdir(-1, 0, owner)));
  }

  @Test
  void actionMayUseTheResultOfAnEarlierOne() {
    EncodedOp image = image();
    EncodedOp step = Ops.encoded("step", file(copy(0, 0, -1), copy(1, 0, 0)), Ops.ref(image));

    assertEquals(1, OpOutputs.count(step.op()));
    assertEquals("step", load(Ops.definition(image, step)).vertex().name());
  }

  @Test
  void otherRulesHold() {
    assertInvalidOp("a layer has the input 1, want -1 to 0", new LlbOp.MergeOp(List.of(0L, 1L)));
    assertInvalidOp("the upper side has the input 3, want -1 to 0", new LlbOp.DiffOp(-1, 3));
    assertInvalidOp(
        "an output has the input -1, want 0 to 0", new LlbOp.PassthroughOp("p", List.of(-1L)));
    assertInvalidOp(
        "only the builder -1 (LLB) is known, got 0",
        new LlbOp.BuildOp(0, Map.of(), null, Map.of()));
  }
}
