package dev.jbuild.registry;

import dev.jbuild.session.Credentials;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What one client's credentials open: remembers how each host wants to be asked and the tokens it
 * gave. Never shared between clients. Safe for use by several threads.
 */
final class Authority {
  private final Credentials credentials;
  private final TokenSource source;
  private final Clock clock;
  private final ConcurrentHashMap<Asked, Method> methods = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Bearer, Slot> tokens = new ConcurrentHashMap<>();

  Authority(Credentials credentials, TokenSource source, Clock clock) {
    this.credentials = credentials;
    this.source = source;
    this.clock = clock;
  }

  /**
   * Starts a request.
   *
   * @param scopes rights that it needs: to its repository, then to others
   */
  Attempt begin(Endpoint endpoint, String scheme, List<String> scopes, TransferProgress progress) {
    return new Attempt(endpoint, scheme, scopes, progress);
  }

  private record Asked(String host, List<String> scopes) {}

  private sealed interface Method {}

  private record Basic() implements Method {}

  private record Bearer(String host, String realm, String service, Scopes scopes)
      implements Method {}

  /** Guards one token, so that many pulls that start together fetch it once. */
  private static final class Slot {
    private final ReentrantLock lock = new ReentrantLock();
    private TokenSource.@Nullable Token token;
  }

  /** One request and its tries. Used by one thread. */
  final class Attempt {
    private final Endpoint endpoint;
    private final String scheme;
    private final List<String> scopes;
    private final TransferProgress progress;
    private final Asked asked;
    private @Nullable Method used;
    private @Nullable String usedHeader;
    private boolean secondTry;

    private Attempt(
        Endpoint endpoint, String scheme, List<String> scopes, TransferProgress progress) {
      this.progress = progress;
      this.endpoint = endpoint;
      this.scheme = scheme;
      this.scopes = List.copyOf(scopes);
      this.asked = new Asked(endpoint.host(), this.scopes);
    }

    /** The Authorization header, or null to ask without. */
    @Nullable String header() throws InterruptedException {
      Method method = methods.get(asked);
      used = method;
      usedHeader =
          switch (method) {
            case null -> null;
            case Basic() ->
                credentials.forHost(endpoint.login()).map(TokenSource::basic).orElse("");
            case Bearer bearer -> "Bearer " + token(bearer);
          };
      return usedHeader;
    }

    private String token(Bearer bearer) throws InterruptedException {
      Slot slot = tokens.computeIfAbsent(bearer, key -> new Slot());
      slot.lock.lockInterruptibly();
      try {
        TokenSource.Token known = slot.token;
        if (known == null || !clock.instant().isBefore(known.until())) {
          known =
              source.fetch(
                  endpoint,
                  scheme,
                  bearer.realm(),
                  bearer.service(),
                  bearer.scopes().texts(),
                  credentials,
                  progress);
          slot.token = known;
        }
        return known.value();
      } finally {
        slot.lock.unlock();
      }
    }

    /** Takes a 401; whether another try makes sense. */
    boolean challenged(List<Challenge> challenges) throws InterruptedException {
      return switch (used) {
        case null -> learn(challenges);
        case Basic() -> false;
        case Bearer old -> refused(old, challenges);
      };
    }

    private boolean learn(List<Challenge> challenges) {
      for (Challenge challenge : challenges) {
        if (challenge.scheme().equals("bearer") && !challenge.parameter("realm").isEmpty()) {
          methods.put(asked, bearer(challenge, wanted(challenge)));
          return true;
        }
      }
      boolean basic = challenges.stream().anyMatch(each -> each.scheme().equals("basic"));
      if (basic
          && credentials.forHost(endpoint.login()).filter(l -> !l.user().isEmpty()).isPresent()) {
        methods.put(asked, new Basic());
        return true;
      }
      return false;
    }

    private Bearer bearer(Challenge challenge, Scopes wanted) {
      return new Bearer(
          endpoint.host(), challenge.parameter("realm"), challenge.parameter("service"), wanted);
    }

    /** The registry knows what it calls the repository; the caller, what else will be done. */
    private Scopes wanted(Challenge challenge) {
      String text = challenge.parameter("scope");
      if (text.isBlank()) {
        return new Scopes(scopes);
      }
      var named = new Scopes(List.of(text.strip().split(" +")));
      boolean same = named.name(scopes.getFirst());
      return named.plus(same ? scopes : scopes.subList(1, scopes.size()));
    }

    private boolean refused(Bearer old, List<Challenge> challenges) throws InterruptedException {
      boolean again = !secondTry;
      secondTry = true;
      for (Challenge challenge : challenges) {
        if (challenge.scheme().equals("bearer")
            && challenge.parameter("error").equals("insufficient_scope")) {
          Scopes merged = old.scopes().plus(wanted(challenge).texts());
          if (merged.equals(old.scopes())) {
            return false;
          }
          methods.put(asked, bearer(challenge, merged));
          return again;
        }
      }
      drop(old);
      return again;
    }

    private void drop(Bearer old) throws InterruptedException {
      Slot slot = tokens.computeIfAbsent(old, key -> new Slot());
      slot.lock.lockInterruptibly();
      try {
        TokenSource.Token known = slot.token;
        if (known != null && ("Bearer " + known.value()).equals(usedHeader)) {
          slot.token = null; // unless another request has already fetched a fresh one
        }
      } finally {
        slot.lock.unlock();
      }
    }
  }
}
