package dev.jbuild.daemon.api;

import dev.jbuild.solver.llb.ClientLimit;
import io.grpc.Context;
import org.jspecify.annotations.Nullable;

/** What the client of the call that runs on this thread may be granted. */
public final class CallLimit {
  private static final Context.Key<ClientLimit> KEY = Context.key("client-limit");

  private CallLimit() {}

  /** Null for a client that may have all that the daemon grants. */
  public static @Nullable ClientLimit current() {
    return KEY.get();
  }

  /** The context of a client's calls. */
  public static Context of(ClientLimit limit) {
    return Context.current().withValue(KEY, limit);
  }
}
