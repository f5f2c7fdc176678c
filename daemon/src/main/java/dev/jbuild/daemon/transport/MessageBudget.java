package dev.jbuild.daemon.transport;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Memory for messages that have begun to arrive and are not whole yet. All connections share it;
 * when it is used up, the one that has most of it loses the call that has most of that. Safe for
 * use by several threads.
 */
public final class MessageBudget extends ServerStreamTracer.Factory {
  private static final Context.Key<Arrival> ARRIVAL = Context.key("dev.jbuild.arrival");
  private static final Attributes.Key<Held> HELD = Attributes.Key.create("dev.jbuild.held");

  private final long most;
  private final Executor ending;

  /** Guarded by this, as all that it leads to. */
  private final Set<Held> holders = new HashSet<>();

  private long total;

  /**
   * @param most bytes
   * @param ending runs what ends calls, which may wait for their handlers
   */
  public MessageBudget(long most, Executor ending) {
    this.most = most;
    this.ending = ending;
  }

  /** What one connection holds. */
  private static final class Held {
    final Set<Arrival> calls = new HashSet<>();
    long bytes;
  }

  /** What a connection tells of itself, with its share. */
  static Attributes with(Attributes known) {
    return known.toBuilder().set(HELD, new Held()).build();
  }

  /**
   * To be called in a call's context, before anything of it arrives.
   *
   * @param end ends the call from any thread
   */
  public static void onExcess(Consumer<Status> end) {
    Arrival arrival = ARRIVAL.get();
    if (arrival != null) {
      arrival.endBy(end);
    }
  }

  @Override
  public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
    return new Arrival();
  }

  private final class Arrival extends ServerStreamTracer {
    private @Nullable Held held;

    /** How it is ended, as long as it counts. */
    private @Nullable Consumer<Status> end;

    private long bytes;

    @Override
    public Context filterContext(Context context) {
      return context.withValue(ARRIVAL, this);
    }

    @Override
    public void serverCallStarted(ServerCallInfo<?, ?> call) {
      synchronized (MessageBudget.this) {
        held = call.getAttributes().get(HELD);
      }
    }

    void endBy(Consumer<Status> way) {
      synchronized (MessageBudget.this) {
        end = way;
      }
    }

    @Override
    public void inboundWireSize(long more) {
      synchronized (MessageBudget.this) {
        if (held == null || end == null) {
          return;
        }
        if (bytes == 0) {
          held.calls.add(this);
          holders.add(held);
        }
        bytes += more;
        held.bytes += more;
        total += more;
        if (total > most) {
          relieve();
        }
      }
    }

    @Override
    public void inboundMessageRead(int number, long wireSize, long size) {
      release();
    }

    @Override
    public void streamClosed(Status status) {
      release();
    }

    private void release() {
      synchronized (MessageBudget.this) {
        if (held == null || bytes == 0) {
          return;
        }
        total -= bytes;
        held.bytes -= bytes;
        bytes = 0;
        held.calls.remove(this);
        if (held.calls.isEmpty()) {
          holders.remove(held);
        }
      }
    }

    /** Nothing more of it counts: it is on its way to its end. */
    private void refuse() {
      Consumer<Status> way = Objects.requireNonNull(end, "only calls that can be ended count");
      end = null;
      release();
      ending.execute(() -> way.accept(refusal()));
    }
  }

  private void relieve() {
    Held largest = Collections.max(holders, Comparator.comparingLong(held -> held.bytes));
    Collections.max(largest.calls, Comparator.comparingLong(call -> call.bytes)).refuse();
  }

  private Status refusal() {
    return Status.RESOURCE_EXHAUSTED.withDescription(
        "messages that have not wholly arrived take more than "
            + (most >> 20)
            + " MiB, and this connection has most of them: send fewer at once");
  }
}
