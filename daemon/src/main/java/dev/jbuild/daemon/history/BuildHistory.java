package dev.jbuild.daemon.history;

import dev.jbuild.daemon.build.Build;
import dev.jbuild.daemon.build.BuildJournal;
import dev.jbuild.daemon.build.BuildRequest;
import dev.jbuild.daemon.build.NetworkReports;
import dev.jbuild.daemon.build.ProgressLog;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Digest;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The builds that run and the records of those that ended. A record is written after the build has
 * its answer, by a thread of its own; who asks waits for what is being written, and listeners hear
 * of a record once it is on disk. Safe for use by several threads; its lock guards the running
 * builds.
 */
public final class BuildHistory implements BuildJournal, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(BuildHistory.class.getName());
  private static final int UNWRITTEN = 256;
  private static final long IDLE_SECONDS = 5;
  private static final Duration WRITE_LIMIT = Duration.ofSeconds(20);

  /** How long a client waits for the end of a build that it wants to be final. */
  private static final Duration FINAL_LIMIT = Duration.ofMinutes(1);

  private final HistoryStore store;
  private final WireForms forms;
  private final Clock clock;
  private final ThreadPoolExecutor writer;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Active> active = new LinkedHashMap<>();
  private final Listeners listeners = new Listeners();

  /**
   * @param threads for the one that writes, which lives while there is work
   */
  public BuildHistory(HistoryStore store, WireForms forms, Clock clock, ThreadFactory threads) {
    this.store = store;
    this.forms = forms;
    this.clock = clock;
    // Builds that end faster than records are written wait for the disk in the end.
    this.writer =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(UNWRITTEN),
            threads,
            new ThreadPoolExecutor.CallerRunsPolicy());
    this.writer.allowCoreThreadTimeOut(true);
  }

  /**
   * A build that runs, or has ended and is being written.
   *
   * @param request as it came, with its secrets: what is kept of it is made when somebody wants it
   * @param written completed when the record is on disk, or can not be written
   */
  private record Active(
      String ref,
      BuildRequest request,
      Instant created,
      CompletableFuture<Void> written,
      boolean ended) {

    BuildRecord record() {
      return BuildRecord.started(ref, kept(request), created);
    }
  }

  @Override
  public void begins(Build build, BuildRequest request) {
    if (request.facts().internal()) {
      return;
    }
    var begun = new Active(build.ref(), request, clock.instant(), new CompletableFuture<>(), false);
    lock.lock();
    try {
      active.put(build.ref(), begun);
      if (!listeners.isEmpty()) {
        listeners.publish(new HistoryEvent.Started(begun.record()));
      }
    } finally {
      lock.unlock();
    }
  }

  private static BuildRecord.Request kept(BuildRequest request) {
    var exporters = new ArrayList<BuildRecord.Exporter>();
    for (BuildRequest.ExportRequest export : request.exports()) {
      exporters.add(new BuildRecord.Exporter(export.type(), Redaction.attrs(export.attrs())));
    }
    return new BuildRecord.Request(
        request.facts().frontend(),
        Redaction.attrs(request.facts().attrs()),
        exporters,
        List.copyOf(request.entitlements()));
  }

  @Override
  public void ends(Build build, Build.Outcome outcome, NetworkReports reports) {
    Active ended;
    lock.lock();
    try {
      Active running = active.get(build.ref());
      if (running == null || running.ended()) {
        return;
      }
      ended =
          new Active(running.ref(), running.request(), running.created(), running.written(), true);
      active.put(build.ref(), ended);
    } finally {
      lock.unlock();
    }
    Instant at = clock.instant();
    writer.execute(() -> writeWhole(ended, at, build.log(), outcome, reports));
  }

  /** A thread of a cancelled build, which writes when the queue is full, writes all the same. */
  private void writeWhole(
      Active ended, Instant at, ProgressLog log, Build.Outcome outcome, NetworkReports reports) {
    boolean interrupted = Thread.interrupted();
    try {
      write(ended, new EndedBuild(ended.record(), at, log, outcome, reports, forms));
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void write(Active ended, EndedBuild content) {
    HistoryEvent event;
    try {
      event = new HistoryEvent.Complete(store.add(content));
    } catch (IOException | RuntimeException | Error e) {
      // Whatever it is: nobody may wait for this record any more.
      String ref = ended.ref();
      LOG.log(Level.WARNING, "no record is kept of build " + ref, e);
      event = new HistoryEvent.Deleted(ref);
    }
    lock.lock();
    try {
      active.remove(ended.ref(), ended);
      listeners.publish(event);
    } finally {
      lock.unlock();
      ended.written().complete(null);
    }
    try {
      deleted(store.enforce());
    } catch (IOException e) {
      LOG.log(Level.WARNING, "old build records can not be deleted", e);
    }
  }

  private void deleted(List<String> refs) {
    refs.forEach(ref -> listeners.publish(new HistoryEvent.Deleted(ref)));
  }

  /**
   * Hears of all that happens from now on; the caller closes it.
   *
   * @throws BuildException RESOURCE_EXHAUSTED when too many listen
   */
  public Subscription subscribe() {
    return listeners.subscribe();
  }

  /** What is there: the builds that run, then the records. */
  public List<HistoryEvent> snapshot(HistoryQuery query) throws InterruptedException {
    var events = new ArrayList<HistoryEvent>();
    settle();
    for (Active each : actives()) {
      BuildRecord record = each.record();
      if (!each.ended() && query.wants(record)) {
        events.add(new HistoryEvent.Started(record));
      }
    }
    if (query.activeOnly()) {
      return events;
    }
    int left = query.limit() > 0 ? query.limit() : Integer.MAX_VALUE;
    for (BuildRecord record : records(query.ref())) {
      if (left > 0 && query.wants(record)) {
        events.add(new HistoryEvent.Complete(record));
        left--;
      }
    }
    return events;
  }

  /** All records, those that ended last first, once what has ended is on disk. */
  public List<BuildRecord> records() throws InterruptedException {
    settle();
    return records("");
  }

  private List<BuildRecord> records(String ref) {
    try {
      return ref.isEmpty() ? store.list() : store.find(ref).stream().toList();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** Waits until what has ended is on disk. */
  private void settle() throws InterruptedException {
    for (Active each : actives()) {
      if (each.ended()) {
        await(each, WRITE_LIMIT);
      }
    }
  }

  private List<Active> actives() {
    lock.lock();
    try {
      return List.copyOf(active.values());
    } finally {
      lock.unlock();
    }
  }

  private static boolean await(Active each, Duration limit) throws InterruptedException {
    try {
      each.written().get(limit.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException | ExecutionException e) {
      return false;
    }
  }

  /** The record of a build that ended, once it is on disk. */
  public Optional<BuildRecord> find(String ref) throws InterruptedException {
    Active each = activeOf(ref);
    if (each != null && each.ended()) {
      await(each, WRITE_LIMIT);
    }
    return records(ref).stream().findFirst();
  }

  private @Nullable Active activeOf(String ref) {
    lock.lock();
    try {
      return active.get(ref);
    } finally {
      lock.unlock();
    }
  }

  /** Opens a section of a record; the caller closes it. Empty when there is none. */
  public Optional<StoredBlob> open(String ref, Section.Kind kind) throws InterruptedException {
    Optional<BuildRecord> record = find(ref);
    Optional<Section> section = record.flatMap(each -> each.section(kind));
    if (section.isEmpty()) {
      return Optional.empty();
    }
    try {
      return store.open(record.get(), section.get());
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** Opens the section of a digest; the caller closes it. Empty when no record has it. */
  Optional<StoredBlob> open(Digest digest) throws InterruptedException {
    settle();
    try {
      return store.open(digest);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /**
   * Deletes a record.
   *
   * @throws BuildException NOT_FOUND when there is none, INVALID when the build runs
   */
  public void delete(String ref) throws InterruptedException {
    settle(ref);
    boolean there;
    try {
      there = store.delete(ref);
    } catch (IOException e) {
      throw unreadable(e);
    }
    if (!there) {
      throw unknown(ref);
    }
    deleted(List.of(ref));
  }

  /**
   * Keeps a record whatever the limits are, or no longer.
   *
   * @throws BuildException as {@link #delete}
   */
  public void pin(String ref, boolean pinned) throws InterruptedException {
    settle(ref);
    Optional<BuildRecord> changed;
    try {
      changed = store.pin(ref, pinned);
    } catch (IOException e) {
      throw unreadable(e);
    }
    BuildRecord record = changed.orElseThrow(() -> unknown(ref));
    listeners.publish(new HistoryEvent.Complete(record));
  }

  private void settle(String ref) throws InterruptedException {
    Active each = activeOf(ref);
    if (each == null) {
      return;
    }
    if (!each.ended()) {
      throw new BuildException(
          Code.INVALID, "build '" + ref + "' runs; its record can be changed when it has ended");
    }
    await(each, WRITE_LIMIT);
  }

  /**
   * Waits until nothing is added to a record any more.
   *
   * @throws BuildException NOT_FOUND when there is none, UNAVAILABLE when the build runs too long
   */
  public void finish(String ref) throws InterruptedException {
    Active each = activeOf(ref);
    if (each != null && !await(each, FINAL_LIMIT)) {
      throw new BuildException(
          Code.UNAVAILABLE, "build '" + ref + "' runs; its record is not final yet");
    }
    if (records(ref).isEmpty()) {
      throw unknown(ref);
    }
  }

  private static BuildException unknown(String ref) {
    return new BuildException(Code.NOT_FOUND, "no build record of ref '" + ref + "'");
  }

  private static BuildException unreadable(IOException e) {
    return new BuildException(
        Code.FAILED, "the build history can not be used: " + e.getMessage(), e);
  }

  /** Waits until all that ended is written. */
  @Override
  public void close() {
    writer.shutdown();
    try {
      if (!writer.awaitTermination(WRITE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.log(Level.WARNING, "build records could not be written in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
