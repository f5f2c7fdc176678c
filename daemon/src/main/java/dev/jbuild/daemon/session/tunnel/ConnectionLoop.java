package dev.jbuild.daemon.session.tunnel;

import io.grpc.Attributes;
import io.grpc.ServerCall;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/** The thread that reads and writes the connection of a call, where the connection tells it. */
public final class ConnectionLoop {
  private static final Attributes.Key<EventLoop> KEY = Attributes.Key.create("dev.jbuild.loop");

  private ConnectionLoop() {}

  /** What a connection tells of itself, with its thread. */
  public static Attributes with(Attributes known, EventLoop loop) {
    return known.toBuilder().set(KEY, loop).build();
  }

  static @Nullable EventLoop of(ServerCall<?, ?> call) {
    return call.getAttributes().get(KEY);
  }
}
