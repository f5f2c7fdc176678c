package dev.jbuild.daemon.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.daemon.storage.GcPolicy;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import moby.buildkit.v1.DiskUsageRequest;
import moby.buildkit.v1.PruneRequest;
import moby.buildkit.v1.UsageRecord;
import org.junit.jupiter.api.Test;

class StorageCallsTest {

  @Test
  void usageTellsAllOfARecord() throws Exception {
    try (var api = new ApiHarness()) {
      var request = DiskUsageRequest.newBuilder().addFilter("inuse").setAgeLimit(5_000_000_000L);
      List<UsageRecord> records = api.control().diskUsage(request.build()).getRecordList();

      assertEquals(List.of(List.of("inuse"), Duration.ofSeconds(5)), api.contents.asked);
      assertEquals(
          UsageRecord.newBuilder()
              .setID("a")
              .setMutable(true)
              .setInUse(true)
              .setSize(7)
              .setCreatedAt(StatusMessages.timestamp(FakeContents.MADE))
              .setLastUsedAt(StatusMessages.timestamp(FakeContents.MADE.plusSeconds(1)))
              .setUsageCount(3)
              .setDescription("about a")
              .setRecordType("exec.cachemount")
              .setShared(true)
              .addParents("below")
              .build(),
          records.get(0));
      assertFalse(records.get(1).hasLastUsedAt());
    }
  }

  @Test
  void pruneStreamsWhatIsGone() throws Exception {
    try (var api = new ApiHarness()) {
      var request =
          PruneRequest.newBuilder()
              .addFilter("type==regular")
              .setAll(true)
              .setKeepDuration(1_000_000_000L)
              .setReservedSpace(2)
              .setMaxUsedSpace(3)
              .setMinFreeSpace(4)
              .build();
      var ids = new ArrayList<String>();
      api.control().prune(request).forEachRemaining(record -> ids.add(record.getID()));

      assertEquals(List.of("a", "b"), ids);
      assertEquals(
          List.of(new GcPolicy(true, Duration.ofSeconds(1), List.of("type==regular"), 2, 3, 4)),
          api.contents.rules);
    }
  }

  @Test
  void aNegativeAmountIsRefused() throws Exception {
    try (var api = new ApiHarness()) {
      var records = api.control().prune(PruneRequest.newBuilder().setReservedSpace(-1).build());
      var refused = assertThrows(StatusRuntimeException.class, records::hasNext);
      assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
      assertTrue(api.contents.rules.isEmpty());
    }
  }
}
