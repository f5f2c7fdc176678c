package dev.jbuild.registry;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import javax.net.ssl.SSLException;

/**
 * Decides whether one request is tried again, and waits before that: 408 and 429 at once (or as
 * {@code Retry-After} says, in seconds or by a date, which is compared with the answer's own), 500,
 * 503 and 504 once at once, other 5xx and broken connections after 1, 2 and 4 seconds; five tries
 * in all. Used by one thread.
 */
final class Retries {
  private static final int MAX_TRIES = 5;
  private static final int MAX_DELAYS = 3;
  private static final long FIRST_DELAY_MILLIS = 1_000;
  private static final long MAX_RETRY_AFTER_SECONDS = 10;

  private final Pause pause;
  private final TransferProgress progress;
  private int tries = 1;
  private int delays;
  private boolean repeatedAtOnce;

  Retries(Pause pause, TransferProgress progress) {
    this.pause = pause;
    this.progress = progress;
  }

  /** Whether to ask again after this status; has waited then. */
  boolean again(Answer answer) throws InterruptedException {
    int status = answer.status();
    String what =
        answer.method() + " " + Answer.redact(answer.url()) + ": answered with status " + status;
    if (status == 408 || status == 429) {
      long seconds = secondsToWait(answer.header("retry-after").strip(), answer.header("date"));
      return wait(what, Math.min(seconds, MAX_RETRY_AFTER_SECONDS) * 1_000);
    }
    if ((status == 500 || status == 503 || status == 504) && !repeatedAtOnce) {
      repeatedAtOnce = true;
      return wait(what, 0);
    }
    return status >= 500 && delay(what);
  }

  /** A server's clock may be wrong: its date counts from the time that it says it is. */
  static long secondsToWait(String after, String date) {
    if (after.matches("[0-9]{1,6}")) {
      return Long.parseLong(after);
    }
    var then = HttpDate.parse(after);
    if (then.isEmpty()) {
      return 0;
    }
    return HttpDate.parse(date)
        .map(now -> Math.max(0, Duration.between(now, then.get()).toSeconds()))
        .orElse(FIRST_DELAY_MILLIS / 1_000);
  }

  /** Whether to ask again after the connection broke; has waited then. */
  boolean again(String request, IOException failure) throws InterruptedException {
    return isTransient(failure) && delay(request + ": " + reason(failure));
  }

  private boolean delay(String what) throws InterruptedException {
    return delays < MAX_DELAYS && wait(what, FIRST_DELAY_MILLIS << delays++);
  }

  private boolean wait(String what, long millis) throws InterruptedException {
    if (tries >= MAX_TRIES) {
      return false;
    }
    tries++;
    progress.note(
        what + (millis == 0 ? ", trying again" : ", trying again in " + millis / 1_000 + " s"));
    if (millis > 0) {
      pause.forMillis(millis);
    }
    return true;
  }

  /** Whether another try may go better: not when nobody listens, or the peer is not trusted. */
  static boolean isTransient(IOException failure) {
    return !(failure instanceof ConnectException
        || failure instanceof HttpConnectTimeoutException
        || failure instanceof SSLException
        || (failure instanceof InterruptedIOException && !(failure instanceof StalledException))
        || isUnknownHost(failure));
  }

  static boolean isUnknownHost(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof UnknownHostException || at instanceof UnresolvedAddressException) {
        return true;
      }
    }
    return false;
  }

  static String reason(IOException failure) {
    String message = failure.getMessage();
    return message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
  }
}
