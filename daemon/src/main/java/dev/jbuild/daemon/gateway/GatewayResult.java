package dev.jbuild.daemon.gateway;

import dev.jbuild.oci.Bytes;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * What a frontend gives: results and words about them. Source: reference wire-gateway, section 4.
 *
 * @param <R> how a result is named
 * @param metadata by wire name
 */
public record GatewayResult<R>(Roots<R> roots, Map<String, Bytes> metadata) {
  public GatewayResult {
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  /** The same with other names, made in order. */
  public <T> GatewayResult<T> map(Function<? super R, ? extends T> naming) {
    Roots<T> named =
        switch (roots) {
          case Nothing<R> nothing -> new Nothing<>();
          case Single<R> single -> new Single<>(naming.apply(single.root()));
          case ByPlatform<R> several -> {
            var mapped = new LinkedHashMap<String, T>();
            several.roots().forEach((id, root) -> mapped.put(id, naming.apply(root)));
            yield new ByPlatform<>(mapped);
          }
        };
    return new GatewayResult<>(named, metadata);
  }

  /** The results. */
  public sealed interface Roots<R> {}

  /** None at all: it answers a question, or nothing was asked. */
  public record Nothing<R>() implements Roots<R> {}

  public record Single<R>(R root) implements Roots<R> {}

  /** One a platform, by the platforms' ids, in order. */
  public record ByPlatform<R>(Map<String, R> roots) implements Roots<R> {
    public ByPlatform {
      roots = Collections.unmodifiableMap(new LinkedHashMap<>(roots));
    }
  }
}
