package dev.jbuild.daemon.session.sync;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.jbuild.daemon.fuzz.CountedThreads;
import dev.jbuild.daemon.fuzz.FuzzRun;
import dev.jbuild.daemon.fuzz.Mutator;
import dev.jbuild.daemon.fuzz.PacketChange;
import dev.jbuild.daemon.fuzz.Player;
import dev.jbuild.daemon.fuzz.Player.Ending;
import dev.jbuild.daemon.fuzz.RawCalls;
import dev.jbuild.daemon.fuzz.Turn;
import dev.jbuild.daemon.fuzz.Wire;
import dev.jbuild.error.BuildException;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.session.OutputSink;
import dev.jbuild.session.direct.DirectoryFileSync;
import dev.jbuild.snapshot.TreeDeletion;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import moby.filesync.v1.BytesMessage;
import moby.filesync.v1.FileSendGrpc;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole conversations about outputs, changed: as a daemon's to the client, and back. */
@Timeout(7200)
class OutputFuzzTest {
  private static final MethodDescriptor<?, ?> METHOD = FileSendGrpc.getDiffCopyMethod();
  private static final Metadata.Key<String> EXPORTER =
      Metadata.Key.of("buildkit-attachable-exporter-id", Metadata.ASCII_STRING_MARSHALLER);
  private static final Duration BOUND = Duration.ofSeconds(20);
  private static final int FILE_BYTES = 600_000;

  /** So many outputs are left alone, since calls that were cancelled may go on for a moment. */
  private static final int KEPT = 200;

  private final Wire process = new Wire();
  private final CountedThreads threads = new CountedThreads();
  private final LibcKernel kernel = new LibcKernel();
  private final AtomicInteger numbers = new AtomicInteger();
  private final Map<Integer, SunkFile> files = new ConcurrentHashMap<>();
  private final Map<Integer, Part> parts = new ConcurrentHashMap<>();
  private final List<Turn.Spoken> tree = new ArrayList<>();
  private final List<Turn.Spoken> file = new ArrayList<>();
  private @TempDir Path dir;
  private Channel client;

  private record Part(List<Turn> turns, Ending ending) {}

  /** What a client keeps of a file. */
  private static final class SunkFile extends ByteArrayOutputStream
      implements OutputSink.Droppable {
    private volatile boolean whole;
    private volatile boolean dropped;

    @Override
    public void close() {
      whole = true;
    }

    @Override
    public void drop() {
      dropped = true;
    }
  }

  /** Even outputs are directories, the others files. */
  private final class Sink implements OutputSink {
    @Override
    public OutputStream openFile(int exporter) {
      return files.computeIfAbsent(exporter, each -> new SunkFile());
    }

    @Override
    public Path directory(int exporter) throws IOException {
      Path target = dir.resolve("out" + exporter + "/target");
      Files.createDirectories(target);
      Trees.makeOutside(target.resolveSibling("outside"));
      Files.createSymbolicLink(target.resolve("out"), Path.of("../outside"));
      Files.createSymbolicLink(target.resolve("d"), Path.of("../outside"));
      Files.createSymbolicLink(target.resolve("a"), Path.of("../outside/kept"));
      return target;
    }
  }

  @BeforeEach
  void record() throws Exception {
    var service =
        new FileSendService(new Sink(), index -> index % 2 == 0, kernel, Wire::headers, threads);
    client = process.to(service);
    RemoteOutputs outputs = outputs(process.to(RawCalls.recording(METHOD, client, tree)));
    assertEquals("", sendTree(outputs, numbers.getAndAdd(2)));
    RemoteOutputs other = outputs(process.to(RawCalls.recording(METHOD, client, file)));
    assertEquals("", sendFile(other, numbers.getAndAdd(2) + 1));
    assertTrue(tree.size() > Trees.FILES * 2 && file.size() > 2, tree.size() + ", " + file.size());
  }

  @AfterEach
  void stop() {
    process.close();
  }

  private RemoteOutputs outputs(Channel to) {
    return new RemoteOutputs(
        to,
        new RemoteOutputs.Staging(
            dir.resolve("staging"),
            directories -> new DirectoryFileSync(directories, kernel),
            threads));
  }

  private String sendTree(RemoteOutputs outputs, int exporter) throws Exception {
    try (OutputSink.Tree sent = outputs.openTree(exporter)) {
      Path made = sent.path();
      Trees.make(made, kernel);
      return sent(
          () -> sent.complete(),
          Objects.requireNonNullElse(parts.get(exporter), new Part(List.of(), Ending.COMPLETE)));
    }
  }

  private String sendFile(RemoteOutputs outputs, int exporter) throws Exception {
    Part part =
        Objects.requireNonNullElse(parts.get(exporter), new Part(List.of(), Ending.COMPLETE));
    return sent(
        () -> {
          OutputStream out = outputs.openFile(exporter);
          try (out) {
            out.write(new byte[FILE_BYTES]);
          }
        },
        part);
  }

  private interface Sending {
    void run() throws IOException, InterruptedException;
  }

  /** What became of it: nothing when all went well. */
  private String sent(Sending sending, Part part) throws InterruptedException {
    var failure = new AtomicReference<@Nullable Throwable>();
    Thread thread =
        threads.newThread(
            () -> {
              try {
                sending.run();
              } catch (Throwable cause) {
                failure.set(cause);
              }
            });
    thread.start();
    if (part.ending() == Ending.SILENCE && !thread.join(Duration.ofMillis(100))) {
      thread.interrupt();
    }
    assertTrue(thread.join(BOUND), () -> "sending goes on: " + List.of(thread.getStackTrace()));
    Throwable thrown = failure.get();
    if (thrown == null) {
      return "";
    }
    boolean cancelled = part.ending() == Ending.SILENCE && thrown instanceof InterruptedException;
    if (!(thrown instanceof BuildException || thrown instanceof IOException || cancelled)) {
      throw new AssertionError("not a failure but a defect", thrown);
    }
    assertFalse(!cancelled && String.valueOf(thrown.getMessage()).isBlank(), "it has no text");
    return thrown.toString();
  }

  /** Says to the client what a daemon would, more or less. */
  private Status send(int exporter, Part part) throws Exception {
    return send(exporter, part, Player.hasty());
  }

  private Status sendWhole(int exporter, List<Turn> turns) throws Exception {
    return send(exporter, new Part(turns, Ending.COMPLETE), Player.patient());
  }

  private Status send(int exporter, Part part, Player player) throws Exception {
    var headers = new Metadata();
    headers.put(EXPORTER, Integer.toString(exporter));
    ClientCall<ByteString, ByteString> call = RawCalls.call(client, METHOD, headers);
    player.play(part.turns(), part.ending(), ClientCalls.asyncBidiStreamingCall(call, player));
    long patience = part.ending() == Ending.SILENCE ? 50 : BOUND.toMillis();
    Status end = player.end(TimeUnit.MILLISECONDS.toNanos(patience));
    if (end == null) {
      assertEquals(Ending.SILENCE, part.ending(), "the call does not end");
      call.cancel("enough", null);
      end = player.end(BOUND.toNanos());
    }
    assertNotNull(end, "the call ends");
    assertFalse(!end.isOk() && String.valueOf(end.getDescription()).isBlank(), end::toString);
    return end;
  }

  @Test
  void changedTreesOfDaemonsStayInTheirDirectory() throws Exception {
    var mutator = new Mutator(new PacketChange());
    var outs = new ConcurrentLinkedQueue<Path>();
    List<Turn> whole = Turn.part(tree, true);
    assertTrue(sendWhole(numbers.getAndAdd(2), whole).isOk());
    var failed = new AtomicLong();
    long cases =
        FuzzRun.of(
            "output-tree",
            random -> {
              int exporter = numbers.getAndAdd(2);
              var part = new Part(mutator.mutate(List.of(whole), random), Ending.any(random));
              failed.addAndGet(send(exporter, part).isOk() ? 0 : 1);
              outs.add(dir.resolve("out" + exporter));
              if (numbers.get() % KEPT == 0) {
                look(outs, KEPT);
              }
            });
    assertTrue(cases > 20 && failed.get() > 0, cases + ", " + failed);
    threads.assertAllEnd(BOUND);
    look(outs, 0);
    assertTrue(sendWhole(numbers.getAndAdd(2), whole).isOk());
  }

  /** It was waited for, for 30 s. */
  @Test
  void daemonThatDoesNotHangUpHoldsNoThread() throws Exception {
    var headers = new Metadata();
    headers.put(EXPORTER, Integer.toString(numbers.getAndAdd(2)));
    ClientCall<ByteString, ByteString> call = RawCalls.call(client, METHOD, headers);
    var player = Player.patient();
    player.play(
        Turn.part(tree, true), Ending.SILENCE, ClientCalls.asyncBidiStreamingCall(call, player));
    assertEquals(Status.OK, player.end(BOUND.toNanos()));
    threads.assertAllEnd(Duration.ofSeconds(10));
  }

  /** Looks beside the outputs, of which the last may still be written to, and removes them. */
  private static synchronized void look(Queue<Path> outs, int but) throws IOException {
    while (outs.size() > but) {
      Path out = outs.remove();
      if (Files.exists(out)) {
        Trees.assertOutsideUntouched(out);
        TreeDeletion.delete(out);
      }
    }
  }

  @Test
  void changedFilesOfDaemonsAreTakenWholeOrDropped() throws Exception {
    var mutator = new Mutator(Mutator::bytes);
    List<Turn> whole = Turn.part(file, true);
    long cases =
        FuzzRun.of(
            "output-file",
            random -> {
              int exporter = numbers.getAndAdd(2) + 1;
              var part = new Part(mutator.mutate(List.of(whole), random), Ending.any(random));
              Status end = send(exporter, part);
              SunkFile sunk = files.remove(exporter);
              assertEnded(part, end, sunk);
            });
    assertTrue(cases > 20, "cases: " + cases);
    threads.assertAllEnd(BOUND);
    assertTrue(sendWhole(numbers.getAndAdd(2) + 1, whole).isOk());
  }

  private static void assertEnded(Part part, Status end, @Nullable SunkFile sunk)
      throws IOException {
    if (sunk == null) {
      assertNotEquals(Ending.COMPLETE, part.ending(), "only who hangs up begins no file");
    } else if (end.isOk()) {
      assertTrue(sunk.whole && !sunk.dropped, "it was closed");
      assertArrayEquals(content(part.turns()), sunk.toByteArray());
    } else if (part.ending() == Ending.COMPLETE) {
      assertTrue(sunk.dropped && !sunk.whole, () -> "dropped after " + end);
    }
  }

  /** Fails when what can not be parsed was taken. */
  private static byte[] content(List<Turn> turns) throws IOException {
    var all = ByteString.newOutput();
    for (Turn turn : turns) {
      if (turn instanceof Turn.Say say) {
        BytesMessage.parseFrom(say.message()).getData().writeTo(all);
      }
    }
    return all.toByteString().toByteArray();
  }

  private StreamObserver<ByteString> play(Metadata headers, StreamObserver<ByteString> back) {
    Part part = parts.get(Integer.valueOf(String.valueOf(headers.get(EXPORTER))));
    var player = Player.hasty();
    if (part == null) { // who began the call has given up before it came
      back.onError(Status.NOT_FOUND.asRuntimeException());
      return player;
    }
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                player.play(part.turns(), part.ending(), back);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    return player;
  }

  @Test
  void changedAnswersOfClientsEndInAnOutputOrAnError() throws Exception {
    var mutator = new Mutator(new PacketChange());
    List<List<Turn>> whole = List.of(Turn.part(tree, false), Turn.part(file, false));
    RemoteOutputs outputs = outputs(process.to(RawCalls.service(METHOD, this::play)));
    var failed = new AtomicLong();
    long cases =
        FuzzRun.of(
            "output-answers",
            random -> {
              boolean isFile = random.nextInt(3) == 0;
              int exporter = numbers.getAndAdd(2) + (isFile ? 1 : 0);
              var part = new Part(mutator.mutate(whole, random), Ending.any(random));
              parts.put(exporter, part);
              String said = isFile ? sendFile(outputs, exporter) : sendTree(outputs, exporter);
              parts.remove(exporter);
              failed.addAndGet(said.isEmpty() ? 0 : 1);
            });
    assertTrue(cases > 20 && failed.get() > 0, cases + ", " + failed);
    threads.assertAllEnd(BOUND);
    try (var staged = Files.list(dir.resolve("staging"))) {
      // The directory that all of them leave beside theirs, which is no output's.
      assertEquals(List.of("outside"), staged.map(each -> each.getFileName().toString()).toList());
    }
    Trees.assertOutsideUntouched(dir.resolve("staging"));
  }
}
