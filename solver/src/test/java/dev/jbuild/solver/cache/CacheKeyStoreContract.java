package dev.jbuild.solver.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every {@link CacheKeyStore} does. */
public abstract class CacheKeyStoreContract {
  private @Nullable CacheKeyStore store;

  /** An empty store. */
  protected abstract CacheKeyStore create(Path directory) throws IOException;

  /** Ends the use of the store. */
  protected void close(CacheKeyStore used) throws IOException {}

  @BeforeEach
  void open(@TempDir Path directory) throws IOException {
    store = create(directory);
  }

  @AfterEach
  void end() throws IOException {
    close(store());
  }

  private CacheKeyStore store() {
    return Objects.requireNonNull(store);
  }

  protected static Digest id(String text) {
    return Bytes.utf8(text).digest();
  }

  protected static CacheRecord record(String name, String... inputs) {
    var links =
        List.of(inputs).stream().map(input -> new CacheRecord.Input(id(input), "", null)).toList();
    return new CacheRecord(
        id(name), id("op " + name), 0, links, "result " + name, Instant.EPOCH, name);
  }

  @Test
  void recordIsFoundByItsId() {
    var full =
        new CacheRecord(
            id("a"),
            id("op"),
            3,
            List.of(
                new CacheRecord.Input(id("in"), "/sel\u00e9ctor", null),
                new CacheRecord.Input(null, "", id("content"))),
            "layer:1",
            Instant.ofEpochMilli(1_700_000_000_123L),
            "RUN echo \u2713");
    store().record(List.of(full), List.of());

    assertEquals(Optional.of(full), store().lookup(id("a")));
    assertEquals(Optional.empty(), store().lookup(id("b")));
  }

  @Test
  void recordIsFoundByAnAlias() {
    store().record(List.of(record("a")), List.of(new Alias(id("x"), id("a"))));
    store().alias(new Alias(id("y"), id("a")));

    assertEquals(Optional.of(record("a")), store().lookup(id("x")));
    assertEquals(Optional.of(record("a")), store().lookup(id("y")));
    assertEquals(List.of(id("x"), id("y")), store().aliases(id("a")));
  }

  @Test
  void aliasOfNothingIsNotKept() {
    store().alias(new Alias(id("x"), id("a")));
    store().record(List.of(record("a")), List.of());

    assertEquals(Optional.empty(), store().lookup(id("x")));
  }

  @Test
  void aliasOfItselfChangesNothing() {
    store().record(List.of(record("a")), List.of(new Alias(id("a"), id("a"))));

    assertEquals(Optional.of(record("a")), store().lookup(id("a")));
    assertEquals(List.of(), store().aliases(id("a")));
  }

  @Test
  void aliasReplacesARecordOfItsId() {
    store().record(List.of(record("a")), List.of(new Alias(id("x"), id("a"))));
    store().record(List.of(record("b")), List.of(new Alias(id("a"), id("b"))));

    assertEquals(Optional.of(record("b")), store().lookup(id("a")));
    assertEquals(Optional.empty(), store().lookup(id("x")));
  }

  @Test
  void recordReplacesAnAliasOfItsId() {
    store().record(List.of(record("a")), List.of(new Alias(id("x"), id("a"))));
    store().record(List.of(record("x")), List.of());

    assertEquals(Optional.of(record("x")), store().lookup(id("x")));
    assertEquals(List.of(), store().aliases(id("a")));
  }

  @Test
  void aliasMovesToAnotherRecord() {
    store().record(List.of(record("a"), record("b")), List.of(new Alias(id("x"), id("a"))));
    store().alias(new Alias(id("x"), id("b")));

    assertEquals(Optional.of(record("b")), store().lookup(id("x")));
    assertEquals(List.of(), store().aliases(id("a")));
  }

  @Test
  void oldestAliasesAreForgotten() {
    store().record(List.of(record("a")), List.of());
    for (int i = 0; i <= CacheKeyStore.MAX_ALIASES; i++) {
      store().alias(new Alias(id("x" + i), id("a")));
    }

    assertEquals(CacheKeyStore.MAX_ALIASES, store().aliases(id("a")).size());
    assertEquals(Optional.empty(), store().lookup(id("x0")));
    assertEquals(Optional.of(record("a")), store().lookup(id("x1")));
  }

  @Test
  void forgottenRecordIsGoneWithItsAliases() {
    store().record(List.of(record("a")), List.of(new Alias(id("x"), id("a"))));
    store().forget(record("a"));

    assertEquals(Optional.empty(), store().lookup(id("a")));
    assertEquals(Optional.empty(), store().lookup(id("x")));
    assertEquals(Optional.empty(), store().nearest(record("a")));
  }

  @Test
  void newerResultIsNotForgotten() {
    CacheRecord old = record("a");
    var newer =
        new CacheRecord(old.id(), old.op(), 0, List.of(), "other", Instant.EPOCH, old.name());
    store().record(List.of(old), List.of());
    store().record(List.of(newer), List.of());
    store().forget(old);

    assertEquals(Optional.of(newer), store().lookup(id("a")));
  }

  @Test
  void sweepForgetsWhatIsGone() {
    store().record(List.of(record("a"), record("b"), record("c")), List.of());

    assertEquals(2, store().sweep(record -> !record.name().equals("b")));
    assertEquals(Optional.empty(), store().lookup(id("a")));
    assertEquals(Optional.of(record("b")), store().lookup(id("b")));
  }

  @Test
  void nearestIsOfTheSameOpElseTheSameInputsElseTheSameName() {
    store().record(List.of(record("a", "in1"), record("b", "in2")), List.of());
    var sameOp = new CacheRecord(id("?"), id("op a"), 0, List.of(), "", Instant.EPOCH, "?");
    var sameInputs =
        new CacheRecord(id("?"), id("?"), 0, record("b", "in2").inputs(), "", Instant.EPOCH, "?");
    var sameName = new CacheRecord(id("?"), id("?"), 0, List.of(), "", Instant.EPOCH, "b");
    var otherOutput = new CacheRecord(id("?"), id("op a"), 1, List.of(), "", Instant.EPOCH, "a");

    assertEquals(Optional.of(record("a", "in1")), store().nearest(sameOp));
    assertEquals(Optional.of(record("b", "in2")), store().nearest(sameInputs));
    assertEquals(Optional.of(record("b", "in2")), store().nearest(sameName));
    assertEquals(Optional.empty(), store().nearest(otherOutput));
  }

  @Test
  void walkVisitsInputsBeforeTheirUsersEachOnce() {
    store()
        .record(
            List.of(
                record("top", "left", "right"),
                record("left", "base"),
                record("right", "base", "missing"),
                record("base"),
                record("unrelated")),
            List.of());

    assertEquals(
        List.of("base", "left", "right", "top"),
        new CacheWalk(store()).reachable(id("top")).stream().map(CacheRecord::name).toList());
  }

  @Test
  void interruptedThreadDoesNoHarm() {
    Thread.currentThread().interrupt();
    store().record(List.of(record("a")), List.of());
    var found = store().lookup(id("a"));

    assertEquals(true, Thread.interrupted());
    assertEquals(Optional.of(record("a")), found);
    assertEquals(Optional.of(record("a")), store().lookup(id("a")));
  }
}
