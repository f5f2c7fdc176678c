package dev.jbuild.daemon.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.h2.mvstore.MVStore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which records go, and in which order; of things that are only names. */
class CollectorTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

  @TempDir private Path root;

  private final MVStore store = new MVStore.Builder().open();
  private final UseLog uses = new UseLog(store, () -> NOW);
  private final Things things = new Things();

  @AfterEach
  void close() {
    store.close();
  }

  /** Records that are only names; what is refused stays. */
  private static final class Things implements Holding {
    private final Map<String, UsageRecord> all = new LinkedHashMap<>();
    private final Set<String> refused = new TreeSet<>();
    private Consumer<String> removing = id -> {};
    private int sweeps;

    @Override
    public List<UsageRecord> records(UseLog.Scan scan) {
      return List.copyOf(all.values());
    }

    @Override
    public boolean remove(UsageRecord record, UseLog.Scan scan) {
      removing.accept(record.id());
      return !refused.contains(record.id()) && all.remove(record.id()) != null;
    }

    @Override
    public void swept() {
      sweeps++;
    }

    Things add(UsageRecord record) {
      all.put(record.id(), record);
      return this;
    }
  }

  private static UsageRecord record(String id, long size, int minutesAgo, String... parents) {
    return record(id, UsageRecord.Type.REGULAR, size, minutesAgo, false, false, parents);
  }

  private static UsageRecord record(
      String id,
      UsageRecord.Type type,
      long size,
      int minutesAgo,
      boolean inUse,
      boolean shared,
      String... parents) {
    Instant used = NOW.minus(Duration.ofMinutes(minutesAgo));
    return new UsageRecord(
        id, type, id, size, used, used, 1, List.of(parents), inUse, shared, false);
  }

  private static GcPolicy everything() {
    return new GcPolicy(false, Duration.ZERO, List.of(), 0, 0, 0);
  }

  private static GcPolicy downTo(long bytes) {
    return new GcPolicy(false, Duration.ZERO, List.of(), 0, bytes, 0);
  }

  private Collector collector() {
    return new Collector(root, List.of(things), uses, () -> NOW);
  }

  private List<String> pruned(GcPolicy rule) throws IOException, InterruptedException {
    var gone = new ArrayList<String>();
    collector().prune(rule, record -> gone.add(record.id()));
    return gone;
  }

  @Test
  void withoutALimitAllGoesTheOldestFirst() throws Exception {
    things.add(record("young", 1, 1)).add(record("old", 1, 9)).add(record("middle", 1, 5));

    assertEquals(List.of("old", "middle", "young"), pruned(everything()));
    assertEquals(1, things.sweeps);
  }

  @Test
  void whatSomethingStandsOnGoesAfterIt() throws Exception {
    things.add(record("base", 1, 9)).add(record("step", 1, 5, "base"));

    assertEquals(List.of("step", "base"), pruned(everything()));
  }

  @Test
  void whatSomethingInUseStandsOnStays() throws Exception {
    things
        .add(record("base", 1, 9))
        .add(record("other", 1, 8, "base"))
        .add(record("step", UsageRecord.Type.REGULAR, 1, 5, true, false, "base"));

    assertEquals(List.of("other"), pruned(everything()));
  }

  @Test
  void whatANamedImageHasStays() throws Exception {
    things
        .add(record("image", UsageRecord.Type.REGULAR, 1, 9, false, true))
        .add(record("step", 1, 5, "image"));

    assertEquals(List.of("step"), pruned(everything()));
  }

  @Test
  void whatBelongsToFrontendsGoesOnlyWithAll() throws Exception {
    things
        .add(record("frontend", UsageRecord.Type.FRONTEND, 1, 9, false, false))
        .add(record("internal", UsageRecord.Type.INTERNAL, 1, 8, false, false));

    assertEquals(List.of(), pruned(everything()));
    assertEquals(
        List.of("frontend", "internal"),
        pruned(new GcPolicy(true, Duration.ZERO, List.of(), 0, 0, 0)));
  }

  @Test
  void collectingEndsWhenEnoughIsGone() throws Exception {
    things.add(record("a", 40, 9)).add(record("b", 40, 8)).add(record("c", 40, 7));

    assertEquals(List.of("a"), pruned(downTo(80)));
    assertEquals(List.of(), pruned(downTo(80)));
  }

  @Test
  void reservedRoomIsLeftEvenWhereLessMayBeUsed() throws Exception {
    things.add(record("a", 40, 9)).add(record("b", 40, 8)).add(record("c", 40, 7));

    assertEquals(List.of("a"), pruned(new GcPolicy(false, Duration.ZERO, List.of(), 80, 10, 0)));
  }

  @Test
  void aDiskWithoutTheWantedRoomIsCollectedWhole() throws Exception {
    things.add(record("a", 40, 9)).add(record("b", 40, 8));

    assertEquals(
        List.of("a", "b"),
        pruned(new GcPolicy(false, Duration.ZERO, List.of(), 0, 0, Long.MAX_VALUE)));
  }

  @Test
  void aDiskWithTheWantedRoomIsLeftAlone() throws Exception {
    things.add(record("a", 40, 9));

    assertEquals(List.of(), pruned(new GcPolicy(false, Duration.ZERO, List.of(), 0, 0, 1)));
  }

  @Test
  void whatWasUsedLatelyIsKeptForAsLongAsTheRuleSays() throws Exception {
    things.add(record("young", 1, 59)).add(record("old", 1, 61));

    assertEquals(
        List.of("old"), pruned(new GcPolicy(false, Duration.ofHours(1), List.of(), 0, 0, 0)));
  }

  @Test
  void filtersChoose() throws Exception {
    things
        .add(record("layer", 1, 9))
        .add(record("mount", UsageRecord.Type.CACHE_MOUNT, 1, 8, false, false));

    assertEquals(
        List.of("mount"),
        pruned(new GcPolicy(false, Duration.ZERO, List.of("type==exec.cachemount"), 0, 0, 0)));
  }

  @Test
  void whatBeganToBeUsedMeanwhileStaysWithWhatItStandsOn() throws Exception {
    things
        .add(record("base", 10, 9))
        .add(record("step", 10, 8, "base"))
        .add(record("other", 10, 7));
    things.refused.add("step");

    assertEquals(List.of("other"), pruned(everything()));
  }

  @Test
  void rulesAreAppliedInTheirOrder() throws Exception {
    things
        .add(record("layer", 40, 9))
        .add(record("mount", UsageRecord.Type.CACHE_MOUNT, 40, 8, false, false));

    collector()
        .collect(
            List.of(
                new GcPolicy(false, Duration.ZERO, List.of("type==exec.cachemount"), 0, 40, 0),
                downTo(40)));

    assertEquals(Set.of("layer"), things.all.keySet());
  }

  @Test
  void anInterruptedPruneEndsAndSweepsWhatIsGone() {
    things.add(record("a", 1, 9)).add(record("b", 1, 8));
    things.removing = id -> Thread.currentThread().interrupt();

    assertThrows(InterruptedException.class, () -> pruned(everything()));
    assertEquals(Set.of("b"), things.all.keySet());
    assertEquals(1, things.sweeps);
  }

  @Test
  void aCollectorIsUsableAfterAFailure() throws Exception {
    things.add(record("a", 1, 9));
    things.removing =
        id -> {
          throw new IllegalStateException("disk");
        };
    assertThrows(IllegalStateException.class, () -> pruned(everything()));
    things.removing = id -> {};

    assertEquals(List.of("a"), pruned(everything()));
  }

  @Test
  void usageTellsWhatMatchesAndIsOldEnough() throws Exception {
    things.add(record("young", 1, 59)).add(record("old", 1, 61)).add(record("older", 1, 99));

    assertEquals(
        List.of("old"),
        collector().usage(List.of("id==old", "id==young"), Duration.ofHours(1)).stream()
            .map(UsageRecord::id)
            .toList());
  }

  @Test
  void aFilterThatCannotBeReadIsRefusedBeforeAnythingGoes() {
    things.add(record("a", 1, 9));

    assertThrows(
        BuildException.class,
        () -> pruned(new GcPolicy(true, Duration.ZERO, List.of("=="), 0, 0, 0)));
    assertEquals(Set.of("a"), things.all.keySet());
  }

  @Test
  void nothingEverStandsOnWhatIsGone() throws Exception {
    for (int round = 0; round < 200; round++) {
      long seed = new Random().nextLong();
      var random = new Random(seed);
      things.all.clear();
      var ids = new ArrayList<String>();
      for (int i = 0; i < 30; i++) {
        @Nullable String parent = ids.isEmpty() ? null : ids.get(random.nextInt(ids.size()));
        things.add(
            record(
                "r" + i,
                UsageRecord.Type.REGULAR,
                random.nextInt(100),
                random.nextInt(1000),
                random.nextInt(8) == 0,
                random.nextInt(8) == 0,
                parent == null || random.nextInt(4) == 0 ? new String[0] : new String[] {parent}));
        ids.add("r" + i);
      }
      long before = size();
      long limit = random.nextLong(before + 1);

      collector().prune(downTo(Math.max(1, limit)), record -> {});

      for (UsageRecord left : things.all.values()) {
        assertTrue(things.all.keySet().containsAll(left.parents()), "seed " + seed);
      }
      assertTrue(size() <= limit || leavesMayNotGo(), "seed " + seed);
    }
  }

  private long size() {
    return things.all.values().stream().mapToLong(UsageRecord::sizeBytes).sum();
  }

  /** Whether each record that nothing stands on is in use, or shared. */
  private boolean leavesMayNotGo() {
    Set<String> parents =
        things.all.values().stream()
            .flatMap(record -> record.parents().stream())
            .collect(Collectors.toSet());
    return things.all.values().stream()
        .filter(record -> !parents.contains(record.id()))
        .allMatch(record -> record.inUse() || record.shared());
  }
}
