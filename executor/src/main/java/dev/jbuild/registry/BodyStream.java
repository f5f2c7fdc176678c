package dev.jbuild.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A response's body as a stream whose reads end: the JDK's own stream waits for ever for a peer
 * that has gone silent. Read by one thread; closing it before the end gives up the connection.
 */
final class BodyStream extends InputStream implements HttpResponse.BodySubscriber<InputStream> {
  private static final int AHEAD = 3;
  private static final List<ByteBuffer> END = List.of();

  private final long stallSeconds;
  private final BlockingQueue<List<ByteBuffer>> received = new ArrayBlockingQueue<>(AHEAD + 2);
  private final AtomicReference<Flow.@Nullable Subscription> subscription = new AtomicReference<>();
  private volatile @Nullable Throwable failure;
  private List<ByteBuffer> current = List.of();
  private int next;
  private boolean ended;

  BodyStream(long stallSeconds) {
    this.stallSeconds = stallSeconds;
  }

  @Override
  public CompletionStage<InputStream> getBody() {
    return CompletableFuture.completedStage(this);
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    if (subscription.compareAndSet(null, given)) {
      given.request(AHEAD);
    } else {
      given.cancel();
    }
  }

  @Override
  public void onNext(List<ByteBuffer> item) {
    if (!item.isEmpty() && !received.offer(item)) {
      throw new IllegalStateException("the http client sent more than it was asked for");
    }
  }

  @Override
  public void onError(Throwable throwable) {
    failure = throwable;
    onComplete();
  }

  @Override
  public void onComplete() {
    if (!received.offer(END)) {
      throw new IllegalStateException("the http client sent more than it was asked for");
    }
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (true) {
      while (next < current.size()) {
        ByteBuffer buffer = current.get(next);
        if (buffer.hasRemaining()) {
          int count = Math.min(length, buffer.remaining());
          buffer.get(bytes, offset, count);
          return count;
        }
        next++;
      }
      if (!advance()) {
        return -1;
      }
    }
  }

  private boolean advance() throws IOException {
    if (ended) {
      return false;
    }
    List<ByteBuffer> items = take();
    if (items.isEmpty()) {
      ended = true;
      Throwable why = failure;
      if (why != null) {
        throw new IOException(why.getMessage() == null ? why.toString() : why.getMessage(), why);
      }
      return false;
    }
    current = items;
    next = 0;
    Flow.Subscription from = subscription.get();
    if (from != null) {
      from.request(1);
    }
    return true;
  }

  private List<ByteBuffer> take() throws IOException {
    try {
      List<ByteBuffer> items = received.poll(stallSeconds, TimeUnit.SECONDS);
      if (items == null) {
        throw new StalledException(stallSeconds);
      }
      return items;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      var interrupted = new InterruptedIOException("interrupted while reading a response");
      interrupted.initCause(e);
      throw interrupted;
    }
  }

  @Override
  public void close() {
    Flow.Subscription from = subscription.get();
    if (from != null && !ended) {
      from.cancel();
    }
    ended = true;
  }
}
