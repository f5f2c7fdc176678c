package dev.jbuild.daemon.session.sync;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.InputStream;

/**
 * A call that others than its handler may end; what the handler says after that is dropped. Its
 * lock guards the end. Safe for use by several threads.
 *
 * @param <Q> request
 * @param <A> response
 */
public final class EndableCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
  private boolean ended;

  /** By the handler itself. */
  private boolean closed;

  public EndableCall(ServerCall<Q, A> call) {
    super(call);
  }

  /** Whether somebody else has ended it. */
  public synchronized boolean ended() {
    return ended;
  }

  /** False when the handler has ended the call before. */
  public synchronized boolean end(Status why, Metadata trailers) {
    if (!closed && !ended) {
      ended = true;
      delegate().close(why, trailers);
    }
    return ended;
  }

  @Override
  public synchronized void sendHeaders(Metadata headers) {
    if (!ended) {
      super.sendHeaders(headers);
    }
  }

  @Override
  public synchronized void sendMessage(A message) {
    if (!ended) {
      super.sendMessage(message);
    } else if (message instanceof InputStream unsent) {
      drop(unsent);
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  /** What it holds is given back. */
  private static void drop(InputStream unsent) {
    try {
      unsent.close();
    } catch (IOException e) {
      System.getLogger(EndableCall.class.getName())
          .log(System.Logger.Level.DEBUG, "what is not sent did not close", e);
    }
  }

  @Override
  public synchronized void close(Status status, Metadata trailers) {
    if (!ended) {
      closed = true;
      super.close(status, trailers);
    }
  }

  @Override
  public boolean isCancelled() {
    return ended() || super.isCancelled();
  }
}
