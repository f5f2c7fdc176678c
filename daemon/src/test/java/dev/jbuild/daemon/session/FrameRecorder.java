package dev.jbuild.daemon.session;

import com.google.protobuf.ByteString;
import dev.jbuild.daemon.fuzz.FrameChange;
import dev.jbuild.daemon.fuzz.Turn.Spoken;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall;
import io.grpc.ForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.List;

/** Keeps what goes through a tunnel, by frames of HTTP/2. */
public final class FrameRecorder implements ClientInterceptor {
  private static final int PREFACE_BYTES = 24;

  private final List<Spoken> conversation;
  private final Frames sent = new Frames();
  private final Frames received = new Frames();

  public FrameRecorder(List<Spoken> conversation) {
    this.conversation = conversation;
  }

  /** Bytes that come in pieces. */
  static final class Frames {
    private ByteString rest = ByteString.EMPTY;
    private boolean begun;

    /** The frames that are complete. */
    synchronized List<ByteString> add(ByteString bytes, boolean preface) {
      rest = rest.concat(bytes);
      if (preface && !begun) {
        if (rest.size() < PREFACE_BYTES) {
          return List.of();
        }
        rest = rest.substring(PREFACE_BYTES);
      }
      begun = true;
      ByteBuffer all = rest.asReadOnlyByteBuffer();
      List<ByteString> frames = FrameChange.split(all);
      rest = ByteString.copyFrom(all);
      return frames;
    }
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    return new ForwardingClientCall.SimpleForwardingClientCall<Q, A>(
        next.newCall(method, options)) {
      @Override
      public void sendMessage(Q message) {
        keep(true, sent.add(data(message), false));
        super.sendMessage(message);
      }

      @Override
      public void start(Listener<A> listener, Metadata headers) {
        super.start(
            new ForwardingClientCallListener.SimpleForwardingClientCallListener<A>(listener) {
              @Override
              public void onMessage(A message) {
                keep(false, received.add(data(message), true));
                super.onMessage(message);
              }
            },
            headers);
      }
    };
  }

  private static ByteString data(Object message) {
    return ByteString.copyFrom(((ByteBuf) message).nioBuffer());
  }

  private void keep(boolean byClient, List<ByteString> frames) {
    synchronized (conversation) {
      for (ByteString frame : frames) {
        if (byClient) {
          conversation.add(new Spoken(true, frame));
        } else if (FrameChange.isSteady(frame)) {
          conversation.add(new Spoken(false, FrameChange.key(frame)));
        }
      }
    }
  }
}
