package dev.jbuild.daemon.api;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/** Lets services see the metadata that a call came with. */
final class RequestHeaders implements ServerInterceptor {
  private static final Context.Key<Metadata> KEY = Context.key("request-headers");

  /** Of the call whose handler runs now. */
  static Metadata current() {
    Metadata headers = KEY.get();
    return headers == null ? new Metadata() : headers;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    return Contexts.interceptCall(Context.current().withValue(KEY, headers), call, headers, next);
  }
}
