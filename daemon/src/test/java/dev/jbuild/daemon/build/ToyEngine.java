package dev.jbuild.daemon.build;

import dev.jbuild.daemon.session.SessionRegistry;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.export.Exporter;
import dev.jbuild.frontend.Frontend;
import dev.jbuild.frontend.FrontendBridge;
import dev.jbuild.frontend.FrontendResult;
import dev.jbuild.llb.Entitlement;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.OpMetadata;
import dev.jbuild.llb.OpNode;
import dev.jbuild.llb.SourceInfo;
import dev.jbuild.llb.SourceLocation;
import dev.jbuild.llb.SourceRange;
import dev.jbuild.netplan.NetworkPlan;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.Platform;
import dev.jbuild.ops.ContainerPrograms;
import dev.jbuild.session.FileSync;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.solver.CacheMap;
import dev.jbuild.solver.Op;
import dev.jbuild.solver.OpContext;
import dev.jbuild.solver.Result;
import dev.jbuild.solver.llb.EntitlementPolicy;
import dev.jbuild.solver.llb.Grants;
import dev.jbuild.solver.llb.OpFactory;
import dev.jbuild.solver.progress.VertexProgress;
import dev.jbuild.source.SourceFacts;
import dev.jbuild.source.SourceQuestion;
import dev.jbuild.source.SourceRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An engine whose graphs are source ops named {@code toy://...}: {@code print} prints, {@code fail}
 * ends with exit code 3, {@code wait} waits until it is cancelled, {@code bug} has one, {@code
 * local} asks the session for files.
 */
public final class ToyEngine {
  public final ToySolver solver = new ToySolver();
  public final AtomicInteger executions = new AtomicInteger();
  public final CountDownLatch waiting = new CountDownLatch(1);
  public final CountDownLatch stopped = new CountDownLatch(1);

  /** Result of any op. */
  private record Toy(String id) implements Result {}

  /** An op of this engine by its word. */
  public static OpNode.Output op(String word) {
    var op = new LlbOp.SourceOp("toy://" + word, Map.of());
    var info = new SourceInfo("Dockerfile", Bytes.utf8("FROM scratch\nRUN x\n"), "Dockerfile");
    var place = new SourceLocation(info, List.of(new SourceRange(2, 0, 2, 0)));
    return new OpNode(op, List.of(), null, OpMetadata.named("toy " + word), List.of(place))
        .output(0);
  }

  /** What belongs to a build that was granted nothing. */
  static BuildScope scope(String ref) {
    return new BuildScope(
        ref,
        new SessionRegistry().find(""),
        new EntitlementPolicy(new Grants(Set.of(), Set.of())),
        NetworkPlan.NONE);
  }

  public BuildEngine parts() {
    return new BuildEngine(
        solver,
        Set.of(new Entitlement.NetworkHost()),
        new ToyOps(),
        new ToyResults(),
        (reference, platform, mode, session, progress) ->
            new ImageConfigs.Found(
                new FrontendBridge.ResolvedImage(
                    reference, Digest.of(new byte[0]), Bytes.utf8("{}")),
                Bytes.utf8("index").digest()),
        (request, question, scope, progress) -> facts(request, question),
        Map.of("dockerfile.v0", frontend()),
        List.of(new ToyExporter()),
        List.of(new Platform("linux", "amd64", "")));
  }

  /** Tells back what was asked. */
  private static SourceFacts facts(SourceRequest request, SourceQuestion question) {
    if (request.identifier().startsWith("git://")) {
      return new SourceFacts.Git(
          "refs/tags/" + request.attrs().getOrDefault("git.fullurl", ""),
          "tag",
          "commit",
          question.objects() ? Bytes.utf8("commit object") : Bytes.empty(),
          question.objects() ? Bytes.utf8("tag object") : Bytes.empty());
    }
    SourceQuestion.Hash hash = question.hash();
    return new SourceFacts.Web(
        "sha256:aa",
        "name",
        Instant.ofEpochSecond(7, 8),
        hash == null ? null : hash.algorithm() + ":" + hash.suffix().toUtf8());
  }

  /** Tells of a build's plan as its report, until its end. */
  private final class ToyOps implements BuildOps {
    private final ConcurrentHashMap<String, NetworkPlan> live = new ConcurrentHashMap<>();

    @Override
    public OpFactory of(BuildScope scope) {
      live.put(scope.ref(), scope.network());
      return (encoded, place) -> op(encoded.op().describe().replace("toy://", ""), scope);
    }

    @Override
    public ContainerPrograms containers(BuildScope scope) {
      return new ToyContainers(scope);
    }

    @Override
    public Bytes networkReport(String ref) {
      NetworkPlan plan = live.get(ref);
      return plan == null ? Bytes.utf8("{\"steps\":[]}\n") : Bytes.utf8(plan.toString());
    }

    @Override
    public void end(BuildScope scope) {
      live.remove(scope.ref());
    }
  }

  /** Every result is an empty file system whose Dockerfile is the result's id. */
  private static final class ToyResults implements ResultSnapshots {
    @Override
    public Snapshot snapshot(Result result) {
      return Snapshot.SCRATCH;
    }

    @Override
    public Optional<Bytes> read(Result root, String path, int limitBytes) {
      return path.equals("Dockerfile") ? Optional.of(Bytes.utf8(root.id())) : Optional.empty();
    }

    @Override
    public Bytes readPart(Result root, String path, long offset, int maxBytes) {
      if (!path.equals("Dockerfile")) {
        throw new BuildException(Code.NOT_FOUND, "open " + path + ": no such file or directory");
      }
      byte[] all = Bytes.utf8(root.id()).toArray();
      int from = (int) Math.min(offset, all.length);
      int to = (int) Math.min((long) from + maxBytes, all.length);
      return Bytes.copyOf(Arrays.copyOfRange(all, from, to));
    }

    @Override
    public List<FileEntry> list(Result root, String path) {
      return List.of(entry("Dockerfile", 0100644), entry("sub", 0040755));
    }

    @Override
    public FileEntry stat(Result root, String path) {
      return entry(path.substring(path.lastIndexOf('/') + 1), 0100644);
    }

    private static FileEntry entry(String name, int mode) {
      return new FileEntry(name, mode, 1, 2, 3, 4, "", 0, 0, Map.of("user.x", Bytes.utf8("y")));
    }

    @Override
    public Optional<Bytes> readHead(Result root, String path, int maxBytes) {
      return read(root, path, maxBytes);
    }

    @Override
    public Optional<Instant> newest(Result root) {
      return Optional.empty();
    }
  }

  private Op op(String word, BuildScope scope) {
    return new Op() {
      @Override
      public CacheMap cacheMap(OpContext context) {
        throw new IllegalStateException("the toy solver has no cache");
      }

      @Override
      public List<Result> execute(OpContext context, List<Result> inputs)
          throws InterruptedException {
        executions.incrementAndGet();
        return List.of(work(word, context.progress(), scope));
      }
    };
  }

  private Result work(String word, VertexProgress progress, BuildScope scope)
      throws InterruptedException {
    switch (word) {
      case "print" -> {
        byte[] text = "hello\nwörld".getBytes(StandardCharsets.UTF_8);
        // The two bytes of the umlaut come in two events.
        progress.log(VertexProgress.Stream.STDOUT, text, 0, 8);
        progress.log(VertexProgress.Stream.STDOUT, text, 8, text.length - 8);
      }
      case "fail" ->
          throw new BuildException(
              Code.STEP_FAILED,
              "process \"x\" did not complete successfully: exit code: 3",
              null,
              List.of(new Detail.ProcessExit(3)));
      case "wait" -> {
        waiting.countDown();
        try {
          new CountDownLatch(1).await();
        } finally {
          stopped.countDown();
        }
      }
      case "bug" -> throw new IllegalStateException("a bug");
      case "local" -> {
        try {
          scope
              .session()
              .files()
              .open("context", new FileSync.Filter(List.of(), List.of(), List.of()));
        } catch (IOException e) {
          throw new IllegalStateException(e);
        }
      }
      default -> {}
    }
    return new Toy("FROM " + word);
  }

  /** Reads the Dockerfile, warns, and gives a graph of the word after FROM. */
  private static Frontend frontend() {
    return (request, bridge) -> {
      OpNode.Output source = request.inputs().getOrDefault("dockerfile", op("Dockerfile"));
      String text = bridge.readFile(source, "Dockerfile").orElseThrow().toUtf8();
      bridge.resolveImage(
          "docker.io/library/x:1",
          bridge.platforms().get(0),
          FrontendBridge.ResolveMode.DEFAULT,
          "[internal] load metadata for docker.io/library/x:1");
      bridge.warn(
          new FrontendBridge.Warning(
              "Rule: text",
              List.of("more"),
              "https://example.org",
              new SourceInfo("Dockerfile", Bytes.utf8(text), "Dockerfile"),
              List.of()));
      String word = request.attrs().getOrDefault("target", "print");
      return new FrontendResult(
          List.of(
              new FrontendResult.PlatformResult(
                  bridge.platforms().get(0), op(word), Bytes.utf8("{}"), null)),
          false,
          Map.of("frontend.x", Bytes.utf8("y"), "other", Bytes.utf8("z")));
    };
  }

  /** Answers with a digest. */
  private static final class ToyExporter implements Exporter {
    @Override
    public String type() {
      return "oci";
    }

    @Override
    public String title() {
      return "exporting to oci image format";
    }

    @Override
    public Export prepare(Map<String, String> attrs) {
      if (attrs.containsKey("wrong")) {
        throw new BuildException(Code.INVALID, "oci: unknown attribute 'wrong'");
      }
      return (result, context) -> {
        context.started("exporting layers");
        context.done("exporting layers");
        return Map.of(
            "containerimage.digest", Digest.of(new byte[0]).toString(), "attrs", attrs.toString());
      };
    }
  }
}
