package dev.jbuild.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.linux.Kernel;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.netplan.NetworkPlan;
import dev.jbuild.oci.Platform;
import dev.jbuild.session.Credentials;
import dev.jbuild.session.FileSync;
import dev.jbuild.session.OutputSink;
import dev.jbuild.session.Secrets;
import dev.jbuild.session.Session;
import dev.jbuild.session.direct.DirectoryFileSync;
import dev.jbuild.snapshot.Durability;
import dev.jbuild.snapshot.FileNode;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.solver.llb.EntitlementPolicy;
import dev.jbuild.solver.llb.Grants;
import dev.jbuild.solver.progress.VertexProgress;
import dev.jbuild.source.SourceRequest;
import dev.jbuild.source.local.LocalMirrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContextStepTest {
  private final Kernel kernel = new LibcKernel();
  private final ExecutorService readers = Executors.newFixedThreadPool(2);
  private final Path root;
  private final LocalMirrors mirrors;

  ContextStepTest(@TempDir Path root) throws IOException {
    this.root = root;
    Path contexts = root.resolve("contexts");
    var durability = new Durability(contexts.resolve(".unsynced"), "boot", kernel, task -> {});
    mirrors = new LocalMirrors(contexts, kernel, durability, readers, InstantSource.system());
    mirrors.open();
    Files.createDirectory(root.resolve("own"));
    Files.writeString(root.resolve("own/mine"), "mine");
    Files.writeString(root.resolve("own/other"), "other");
    Files.createDirectory(root.resolve("theirs"));
    Files.writeString(root.resolve("theirs/shared"), "shared");
  }

  @AfterEach
  void stop() {
    readers.shutdownNow();
  }

  /** A client's directories; it knows of one session more. */
  private record Directories(String id, FileSync files, Map<String, Session> others)
      implements Session {
    @Override
    public OutputSink outputs() {
      throw new AssertionError("no outputs");
    }

    @Override
    public Credentials credentials() {
      throw new AssertionError("no credentials");
    }

    @Override
    public Secrets secrets() {
      throw new AssertionError("no secrets");
    }

    @Override
    public Session other(String wanted) {
      return others.getOrDefault(wanted, this);
    }
  }

  private Session session() {
    var theirs =
        new Directories(
            "theirs",
            new DirectoryFileSync(
                Map.of("context", root.resolve("theirs"), "a-context", root.resolve("theirs")),
                kernel),
            Map.of());
    return new Directories(
        "own",
        new DirectoryFileSync(Map.of("context", root.resolve("own")), kernel),
        Map.of("theirs", theirs));
  }

  private List<String> received(Map<String, String> attrs) throws Exception {
    var policy = new EntitlementPolicy(new Grants(Set.of(), Set.of()));
    var request = new SourceRequest("local://context", attrs, Platform.host());
    try (var job = new JobScope(session(), policy, NetworkPlan.NONE, List.of())) {
      var step = new ContextStep(request, job, mirrors);
      var result = (ContextResult) step.execute(() -> new Silent(), List.of()).getFirst();
      FileTree tree = result.lease().tree();
      return tree.list(tree.root()).stream().map(FileNode::name).toList();
    }
  }

  /** Nobody looks. */
  private static final class Silent implements VertexProgress {
    @Override
    public void log(Stream stream, byte[] bytes, int offset, int length) {}

    @Override
    public void status(String id, long current, long total, boolean done) {}
  }

  @Test
  void withoutAttributesAllOfTheOwnDirectoryComes() throws Exception {
    assertEquals(List.of("mine", "other"), received(Map.of()));
  }

  @Test
  void metadataAloneComesWithTheFilesThatAreExcepted() throws Exception {
    assertEquals(
        List.of(".fsutil-metadata", "mine"),
        received(
            Map.of(
                "local.metadatatransfer", "true",
                "local.metadatatransferexclude", "[\"m*\"]")));
    assertEquals(List.of(".fsutil-metadata"), received(Map.of("local.metadatatransfer", "true")));
    assertEquals(
        List.of("mine", "other"), received(Map.of("local.metadatatransferexclude", "[\"m*\"]")));
  }

  @Test
  void malformedExceptionsAreRefused() {
    var attrs = Map.of("local.metadatatransfer", "true", "local.metadatatransferexclude", "m*");
    assertEquals(
        "local.metadatatransferexclude of a local source: want a JSON array of strings, got 'm*'",
        assertThrows(BuildException.class, () -> received(attrs)).message());
  }

  @Test
  void theSessionThatTheGraphNamesServesTheDirectory() throws Exception {
    assertEquals(List.of("shared"), received(Map.of("local.session", "theirs")));
    assertEquals(List.of("mine", "other"), received(Map.of("local.session", "gone")));
  }

  @Test
  void aPrefixOfTheSessionIsOneOfTheDirectoryToo() throws Exception {
    assertEquals(List.of("shared"), received(Map.of("local.session", "a:theirs")));
    assertEquals(
        "local source 'b-context': the client offers only [a-context, context]",
        assertThrows(BuildException.class, () -> received(Map.of("local.session", "b:theirs")))
            .message());
  }
}
