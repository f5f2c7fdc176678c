package dev.jbuild.daemon.api;

import dev.jbuild.daemon.build.Build;
import dev.jbuild.daemon.build.Builds;
import dev.jbuild.daemon.build.ProgressLog;
import dev.jbuild.daemon.history.BuildHistory;
import dev.jbuild.daemon.history.Section;
import dev.jbuild.daemon.history.StoredBlob;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import moby.buildkit.v1.StatusResponse;

/**
 * Sends one reader the events of a build: as they happen, of one that has just ended from memory,
 * of an older one from its record.
 *
 * @param lookupMillis how long a build is waited for that is not known yet
 */
record StatusStream(
    String ref,
    Builds builds,
    BuildHistory history,
    long lookupMillis,
    PacedCall<StatusResponse> call)
    implements Runnable {
  /** Source: reference wire-control, section 5. */
  static final long LOOKUP_MILLIS = 6_000;

  private static final long POLL_MILLIS = 1_000;

  @Override
  public void run() {
    call.run(this::send);
  }

  private void send() throws InterruptedException, IOException {
    Optional<Build> known = builds.find(ref, 0);
    if (known.isEmpty()) {
      if (history.find(ref).isPresent()) {
        replay();
        return;
      }
      known = builds.find(ref, lookupMillis);
    }
    follow(known.orElseThrow(() -> new BuildException(Code.NOT_FOUND, "no such job " + ref)).log());
  }

  private void follow(ProgressLog log) throws InterruptedException {
    long last = -1;
    boolean end = false;
    while (!end && !call.cancelled()) {
      ProgressLog.Batch batch =
          log.read(last, ProgressLog.BATCH_ENTRIES, ProgressLog.BATCH_BYTES, POLL_MILLIS);
      last = batch.last();
      end = batch.end();
      StatusResponse message = StatusMessages.of(batch.entries());
      if (message.getSerializedSize() > 0) {
        call.send(message);
      }
    }
  }

  private void replay() throws InterruptedException, IOException {
    Optional<StoredBlob> log = history.open(ref, Section.Kind.LOGS);
    if (log.isEmpty()) {
      return; // nothing had happened when the build ended
    }
    try (StoredBlob blob = log.get()) {
      long at = 0;
      while (at < blob.size() && !call.cancelled()) {
        int length =
            ByteBuffer.wrap(blob.read(at, Integer.BYTES)).order(ByteOrder.LITTLE_ENDIAN).getInt();
        call.send(StatusResponse.parseFrom(blob.read(at + Integer.BYTES, length)));
        at += Integer.BYTES + length;
      }
    }
  }
}
