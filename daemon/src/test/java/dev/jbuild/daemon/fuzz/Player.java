package dev.jbuild.daemon.fuzz;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Plays one side's part in a conversation. What it waits for in vain it waits for only so long. */
public final class Player implements StreamObserver<ByteString> {
  private static final long HASTE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final long patienceNanos;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<ByteString> heard = new ArrayList<>();
  private @Nullable Status end;

  private Player(long patienceNanos) {
    this.patienceNanos = patienceNanos;
  }

  /** Of a part that was changed, in which much is waited for in vain. */
  public static Player hasty() {
    return new Player(HASTE_NANOS);
  }

  /** Of a part that goes as it did before. */
  public static Player patient() {
    return new Player(PATIENCE_NANOS);
  }

  /** How a part ends. */
  public enum Ending {
    /** With a word that all was said. */
    COMPLETE,
    /** With a failure. */
    BREAK,
    /** It does not: the other side has to lose its patience, or somebody his. */
    SILENCE;

    /** The first one mostly. */
    public static Ending any(Random random) {
      return switch (random.nextInt(8)) {
        case 0 -> BREAK;
        case 1 -> SILENCE;
        default -> COMPLETE;
      };
    }
  }

  @Override
  public void onNext(ByteString message) {
    lock.lock();
    try {
      heard.add(message);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onError(Throwable cause) {
    end(Status.fromThrowable(cause));
  }

  @Override
  public void onCompleted() {
    end(Status.OK);
  }

  private void end(Status status) {
    lock.lock();
    try {
      end = status;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Says what is to be said. */
  public void play(List<Turn> part, Ending ending, StreamObserver<ByteString> out)
      throws InterruptedException {
    var waitedFor = new ArrayList<ByteString>();
    try {
      for (Turn turn : part) {
        switch (turn) {
          case Turn.Say say -> out.onNext(say.message());
          case Turn.Hear hear -> {
            waitedFor.add(hear.message());
            hear(hear.message(), waitedFor.stream().filter(hear.message()::equals).count());
          }
        }
      }
      switch (ending) {
        case COMPLETE -> out.onCompleted();
        case BREAK -> out.onError(Status.ABORTED.withDescription("broken").asRuntimeException());
        case SILENCE -> {}
      }
    } catch (IllegalStateException | io.grpc.StatusRuntimeException over) {
      // The other side has ended the call already, which it may.
    }
  }

  private void hear(ByteString message, long times) throws InterruptedException {
    lock.lock();
    try {
      long left = patienceNanos;
      while (end == null && left > 0 && heard.stream().filter(message::equals).count() < times) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** All that was heard. */
  public List<ByteString> heard() {
    lock.lock();
    try {
      return List.copyOf(heard);
    } finally {
      lock.unlock();
    }
  }

  /** How the other side ended, waited for so long; null when it did not. */
  public @Nullable Status end(long nanos) throws InterruptedException {
    lock.lock();
    try {
      long left = nanos;
      while (end == null && left > 0) {
        left = changed.awaitNanos(left);
      }
      return end;
    } finally {
      lock.unlock();
    }
  }
}
