package dev.jbuild.source.local;

import dev.jbuild.linux.Kernel;
import dev.jbuild.session.FileSync;
import dev.jbuild.snapshot.Durability;
import dev.jbuild.snapshot.FileTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One mirror: {@code files/} holds contents by number, {@code index} says which belong to which
 * path. A state is replaced as a whole; contents that it no longer names are deleted when no one
 * uses an older state. While {@code dirty} exists there may be contents that no index knows.
 * Thread-safe.
 */
final class Mirror {
  private static final String LOCAL = "local";

  private final Path directory;
  private final String name;
  private final Kernel kernel;
  private final Durability durability;
  private final MirrorFiles files;
  private final AtomicLong nextId = new AtomicLong();

  /** States in use with the number of their users. Guarded by this, as all below. */
  private final Map<State, Integer> users = new HashMap<>();

  private final Set<Long> garbage = new HashSet<>();
  private @Nullable State current;

  /** How many receive now, whose contents no index knows yet. */
  private int receiving;

  /** A state of the mirror; compared by identity. */
  private static final class State {
    private final MirrorIndex index;

    State(MirrorIndex index) {
      this.index = index;
    }

    Set<Long> contents() {
      Set<Long> ids = HashSet.newHashSet(index.entries().size());
      for (Received received : index.entries()) {
        if (received.content() != null) {
          ids.add(received.content().id());
        }
      }
      return ids;
    }
  }

  Mirror(Path directory, String name, Kernel kernel, Durability durability, InstantSource clock) {
    this.directory = directory;
    this.name = name;
    this.kernel = kernel;
    this.durability = durability;
    this.files = new MirrorFiles(directory.resolve("files"), kernel, clock);
  }

  LocalMirrors.Lease sync(FileSync.Walk walk, ExecutorService readers, String local)
      throws IOException, InterruptedException {
    State base = use(local);
    State result;
    Receiver receiver = new Receiver(base.index, files, nextId, this::beforeWriting, readers);
    try {
      MirrorIndex received = receiver.receive(walk);
      result = received.equals(base.index) ? base : new State(received);
      if (result != base) {
        publish(result);
      }
    } catch (Throwable failure) {
      abandon(base, receiver, failure);
      throw failure;
    }
    received();
    if (result != base) {
      release(base);
    }
    return new Held(result, receiver);
  }

  /** What was received before the failure is of no use to anyone. */
  private void abandon(State base, Receiver receiver, Throwable failure) {
    try {
      synchronized (this) {
        garbage.addAll(receiver.newIds());
        received();
      }
      release(base);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private synchronized State use(String local) throws IOException {
    if (current == null) {
      current = load();
      if (!localName(directory).equals(local)) {
        Files.writeString(directory.resolve(LOCAL), local);
      }
    }
    users.merge(current, 1, Integer::sum);
    receiving++;
    return current;
  }

  private synchronized void received() {
    receiving--;
  }

  /** The local source's name that a mirror was received as; empty when it is not known. */
  static String localName(Path directory) {
    try {
      return Files.readString(directory.resolve(LOCAL));
    } catch (IOException unknown) {
      return "";
    }
  }

  synchronized boolean isUsed() {
    return !users.isEmpty();
  }

  /** Takes the mirror away unless it is used; who comes next begins a new one. */
  synchronized boolean detach(Path old) throws IOException {
    if (!users.isEmpty()) {
      return false;
    }
    current = null;
    garbage.clear();
    Files.move(directory, old, StandardCopyOption.ATOMIC_MOVE);
    return true;
  }

  private State load() throws IOException {
    files.create();
    var state = new State(MirrorIndex.read(directory.resolve("index")));
    if (Files.exists(dirty()) || state.index.entries().isEmpty()) {
      files.deleteAllBut(state.contents());
      Files.deleteIfExists(dirty());
    }
    nextId.set(state.index.nextId());
    return state;
  }

  private synchronized void beforeWriting() throws IOException {
    if (!Files.exists(dirty())) {
      durability.begin(name);
      Files.createFile(dirty());
    }
  }

  private synchronized void publish(State state) throws IOException {
    beforeWriting();
    state.index.write(directory.resolve("index"));
    if (current != null) {
      garbage.addAll(current.contents());
    }
    current = state;
    users.merge(state, 1, Integer::sum);
  }

  private synchronized void release(State state) throws IOException {
    users.computeIfPresent(state, (used, count) -> count == 1 ? null : count - 1);
    State now = current;
    if (now == null || !users.keySet().stream().allMatch(used -> used == now)) {
      return;
    }
    if (!garbage.isEmpty()) {
      garbage.removeAll(now.contents());
      files.delete(garbage);
      garbage.clear();
    }
    if (receiving == 0 && Files.exists(dirty())) {
      Files.deleteIfExists(dirty());
      durability.settle(name);
    }
    if (users.isEmpty()) {
      current = null; // an idle daemon keeps no index in memory
    }
  }

  private Path dirty() {
    return directory.resolve("dirty");
  }

  /** A state in use. */
  private final class Held implements LocalMirrors.Lease {
    private final State state;
    private final Receiver receiver;
    private final FileTree tree;
    private boolean closed;

    Held(State state, Receiver receiver) throws IOException {
      this.state = state;
      this.receiver = receiver;
      this.tree = new MirrorTree(state.index, files, kernel.stat(directory).fileSystem());
    }

    @Override
    public FileTree tree() {
      return tree;
    }

    @Override
    public int filesReceived() {
      return receiver.newIds().size();
    }

    @Override
    public long bytesReceived() {
      return receiver.newBytes();
    }

    @Override
    public void close() throws IOException {
      if (!closed) {
        closed = true;
        release(state);
      }
    }
  }
}
