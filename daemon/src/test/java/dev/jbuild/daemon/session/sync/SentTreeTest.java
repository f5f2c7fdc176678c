package dev.jbuild.daemon.session.sync;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import dev.jbuild.error.BuildException;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.session.OutputSink;
import dev.jbuild.session.direct.DirectoryFileSync;
import dev.jbuild.session.direct.ReplacedDirectory;
import fsutil.types.Packet;
import fsutil.types.Stat;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import moby.filesync.v1.FileSendGrpc;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Trees from a daemon to a client, and a client against daemons that write where they may not. */
@Timeout(60)
class SentTreeTest {
  private static final MethodDescriptor<Packet, Packet> METHOD =
      FileSendGrpc.getDiffCopyMethod().toBuilder(
              ProtoUtils.marshaller(Packet.getDefaultInstance()),
              ProtoUtils.marshaller(Packet.getDefaultInstance()))
          .build();

  private static final int FILE = 0644;
  private static final int DIRECTORY = 1 << 31 | 0755;
  private static final int LINK = 1 << 27 | 0777;

  private final InProcess process = new InProcess();
  private final LibcKernel kernel = new LibcKernel();
  private @TempDir Path dir;
  private Path target;
  private Path outside;
  private Path staging;

  @BeforeEach
  void directories() throws IOException {
    target = Files.createDirectory(dir.resolve("target"));
    outside = Files.createDirectory(dir.resolve("outside"));
    staging = dir.resolve("staging");
    Files.writeString(outside.resolve("kept"), "kept");
  }

  @AfterEach
  void stop() {
    process.close();
  }

  /** A client whose first output is a directory. */
  private FileSendService client(@Nullable IOException failure) {
    OutputSink outputs =
        new OutputSink() {
          @Override
          public OutputStream openFile(int exporter) throws IOException {
            throw new IOException("no file");
          }

          @Override
          public Path directory(int exporter) {
            return target;
          }

          @Override
          public Tree openWhole(int exporter) throws IOException {
            return ReplacedDirectory.open(target, List.of());
          }

          @Override
          public Tree openTree(int exporter) {
            return new Tree() {
              @Override
              public Path path() {
                return target;
              }

              @Override
              public void complete() throws IOException {
                if (failure != null) {
                  throw failure;
                }
              }

              @Override
              public void close() {}
            };
          }
        };
    return new FileSendService(
        outputs, index -> true, kernel, InProcess::headers, Thread.ofVirtual().factory());
  }

  private RemoteOutputs daemon(@Nullable IOException failure) throws IOException {
    return new RemoteOutputs(
        process.to(client(failure)),
        new RemoteOutputs.Staging(
            staging,
            directories -> new DirectoryFileSync(directories, kernel),
            Thread.ofVirtual().factory()));
  }

  @Test
  void treeArrivesAsItIs() throws Exception {
    var random = new Random(3);
    var large = new byte[3_000_000];
    random.nextBytes(large);
    try (OutputSink.Tree tree = daemon(null).openTree(0)) {
      Path at = tree.path();
      Files.createDirectory(at.resolve("d"));
      Files.write(at.resolve("d/large"), large);
      Files.writeString(at.resolve("d/empty"), "");
      Files.createLink(at.resolve("hard"), at.resolve("d/large"));
      Files.createSymbolicLink(at.resolve("link"), Path.of("d/large"));
      kernel.changeMode(at.resolve("d/empty"), 04711);
      kernel.changeTimes(at.resolve("d/empty"), 1_000_000_001L, 1_000_000_001L);
      kernel.changeMode(at.resolve("d"), 0555);
      kernel.changeTimes(at.resolve("d"), 2_000_000_002L, 2_000_000_002L);
      tree.complete();
    }
    assertArrayEquals(large, Files.readAllBytes(target.resolve("d/large")));
    assertTrue(Files.isSameFile(target.resolve("d/large"), target.resolve("hard")));
    assertEquals(Path.of("d/large"), Files.readSymbolicLink(target.resolve("link")));
    var empty = kernel.stat(target.resolve("d/empty"));
    assertEquals(0104711, empty.mode());
    assertEquals(1_000_000_001L, empty.modifiedNanos());
    var directory = kernel.stat(target.resolve("d"));
    assertEquals(040555, directory.mode());
    assertEquals(2_000_000_002L, directory.modifiedNanos());
    assertEquals(List.of(), list(staging));
  }

  private static List<String> list(Path directory) throws IOException {
    try (var names = Files.list(directory)) {
      return names.map(path -> String.valueOf(path.getFileName())).sorted().toList();
    }
  }

  @Test
  void attributesArriveWithTheirFiles() throws Exception {
    Path probe = Files.createFile(dir.resolve("probe"));
    byte[] value = "value".getBytes(StandardCharsets.UTF_8);
    try {
      kernel.setAttribute(probe, "user.a", value);
    } catch (IOException e) {
      assumeTrue(false, "the file system has no extended attributes: " + e);
    }
    try (OutputSink.Tree tree = daemon(null).openTree(0)) {
      Files.createDirectory(tree.path().resolve("d"));
      kernel.setAttribute(tree.path().resolve("d"), "user.a", value);
      Files.createFile(tree.path().resolve("f"));
      kernel.setAttribute(tree.path().resolve("f"), "user.b", value);
      tree.complete();
    }
    assertArrayEquals(value, kernel.attributes(target.resolve("d")).get("user.a"));
    assertArrayEquals(value, kernel.attributes(target.resolve("f")).get("user.b"));
  }

  @Test
  void whatIsInTheWayIsReplacedAndTheRestStays() throws Exception {
    Files.writeString(target.resolve("other"), "other");
    Files.writeString(target.resolve("f"), "old");
    Files.createSymbolicLink(target.resolve("d"), outside);
    Files.createSymbolicLink(target.resolve("g"), outside.resolve("kept"));
    try (OutputSink.Tree tree = daemon(null).openTree(0)) {
      Files.createDirectory(tree.path().resolve("d"));
      Files.writeString(tree.path().resolve("d/kept"), "new");
      Files.writeString(tree.path().resolve("f"), "new");
      Files.writeString(tree.path().resolve("g"), "new");
      tree.complete();
    }
    assertEquals("other", Files.readString(target.resolve("other")));
    assertEquals("new", Files.readString(target.resolve("f")));
    assertEquals("new", Files.readString(target.resolve("g")));
    assertFalse(Files.isSymbolicLink(target.resolve("d")));
    assertOutsideIsUntouched("seed");
  }

  @Test
  void aWholeTreeIsAllThatIsThereAfterwards() throws Exception {
    Files.writeString(target.resolve("other"), "other");
    Files.createSymbolicLink(target.resolve("d"), outside);
    try (OutputSink.Tree tree = daemon(null).openWhole(0)) {
      Files.createDirectory(tree.path().resolve("e"));
      Files.writeString(tree.path().resolve("e/new"), "new");
      tree.complete();
    }
    assertEquals(List.of("e"), list(target));
    assertEquals("new", Files.readString(target.resolve("e/new")));
    assertEquals("buildkit-exporter-multi-platform", RemoteOutputs.WHOLE.name());
    assertOutsideIsUntouched("seed");
  }

  private void assertOutsideIsUntouched(String seed) throws IOException {
    assertEquals(List.of("kept"), list(outside), seed);
    assertEquals("kept", Files.readString(outside.resolve("kept")), seed);
    assertTrue(List.of("outside", "probe", "staging", "target").containsAll(list(dir)), seed);
  }

  @Test
  void failureOfTheClientIsTold() throws Exception {
    try (OutputSink.Tree tree = daemon(new IOException("no room left")).openTree(0)) {
      Files.writeString(tree.path().resolve("f"), "text");
      var failed = assertThrows(BuildException.class, tree::complete);
      assertEquals("output 0: no room left", failed.message());
    }
  }

  /** Sends these as a daemon does that cares for no answer; the call's failure. */
  private String failure(boolean end, Packet... packets) throws Exception {
    var result = new CompletableFuture<@Nullable Void>();
    StreamObserver<Packet> out =
        ClientCalls.asyncBidiStreamingCall(
            process.to(client(null)).newCall(METHOD, CallOptions.DEFAULT),
            new StreamObserver<>() {
              @Override
              public void onNext(Packet packet) {}

              @Override
              public void onError(Throwable cause) {
                result.completeExceptionally(cause);
              }

              @Override
              public void onCompleted() {
                result.complete(null);
              }
            });
    try {
      for (Packet packet : packets) {
        out.onNext(packet);
      }
      if (end) {
        out.onCompleted();
      }
    } catch (IllegalStateException ended) {
      assertTrue(String.valueOf(ended.getMessage()).contains("call"));
    }
    try {
      result.get(30, TimeUnit.SECONDS);
      return "";
    } catch (ExecutionException e) {
      return String.valueOf(Status.fromThrowable(e).getDescription());
    }
  }

  private static Packet stat(String path, int mode, String link) {
    return Packet.newBuilder()
        .setStat(Stat.newBuilder().setPath(path).setMode(mode).setLinkname(link))
        .build();
  }

  @Test
  void nothingIsWrittenOutside() throws Exception {
    String wrong = "output 0: the stream is wrong: ";
    assertEquals(
        wrong + "'../outside/x' leads out of the directory or is not clean",
        failure(false, stat("../outside/x", DIRECTORY, "")));
    assertEquals(
        wrong + "'l/x' came without its directory",
        failure(false, stat("l", LINK, outside.toString()), stat("l/x", DIRECTORY, "")));
    assertEquals(
        wrong + "'d' came out of order, after 'd'",
        failure(false, stat("d", DIRECTORY, ""), stat("d", LINK, outside.toString())));
    assertEquals(
        "the output's files: 'h' is a hard link to '../outside/kept', which was not sent",
        failure(false, stat("h", FILE, "../outside/kept")));
    assertEquals(
        "the output's files: 'h' is a hard link to 'g', which was not sent",
        failure(false, stat("g", LINK, outside.resolve("kept").toString()), stat("h", FILE, "g")));
    assertOutsideIsUntouched("");
  }

  @Test
  void brokenStreamsOfADaemonEndInAnErrorAndWriteNothingOutside() throws Exception {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    for (int round = 0; round < 150; round++) {
      var packets = new Packet[random.nextInt(10)];
      for (int i = 0; i < packets.length; i++) {
        packets[i] = randomPacket(random);
      }
      String failure = failure(true, packets);
      assertTrue(failure.isEmpty() || failure.contains("output"), "seed " + seed);
      assertOutsideIsUntouched("seed " + seed);
    }
    assertTrue(Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS), "seed " + seed);
  }

  private Packet randomPacket(Random random) {
    String[] names = {"a", "b", "a/b", "a/b/c", "b/a", "..", "a/../../outside/x", "c", "/x"};
    String[] links = {"", "", "a", "b", "..", outside.toString(), "../outside/kept"};
    int[] modes = {FILE, DIRECTORY, DIRECTORY, LINK, LINK, 1 << 25, random.nextInt()};
    if (random.nextInt(6) == 0) {
      return Packet.newBuilder()
          .setTypeValue(random.nextInt(6))
          .setID(random.nextInt(4))
          .setData(ByteString.copyFrom(new byte[random.nextInt(3)]))
          .build();
    }
    String name = names[random.nextInt(names.length)];
    return stat(name, modes[random.nextInt(modes.length)], links[random.nextInt(links.length)]);
  }

  @Test
  void timesOfFilesAreThoseOfTheTree() throws Exception {
    try (OutputSink.Tree tree = daemon(null).openTree(0)) {
      Files.writeString(tree.path().resolve("f"), "text");
      Files.setLastModifiedTime(tree.path().resolve("f"), FileTime.fromMillis(0));
      tree.complete();
    }
    assertEquals(FileTime.fromMillis(0), Files.getLastModifiedTime(target.resolve("f")));
    assertEquals(Map.of(), kernel.attributes(target.resolve("f")));
  }
}
