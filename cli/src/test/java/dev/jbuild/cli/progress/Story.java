package dev.jbuild.cli.progress;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;

/** A build to be shown, and a clock that stands still until it is moved. */
final class Story extends Clock {
  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private Instant now = START;

  /** Events of a step by times in milliseconds after the start. */
  static BuildEvent.StepState known(String digest, String name) {
    return new BuildEvent.StepState(digest, name, false, null, null, "");
  }

  static BuildEvent.StepState started(String digest, String name, long at) {
    return new BuildEvent.StepState(digest, name, false, at(at), null, "");
  }

  static BuildEvent.StepState done(String digest, String name, long from, long to) {
    return new BuildEvent.StepState(digest, name, false, at(from), at(to), "");
  }

  static BuildEvent.StepState cached(String digest, String name, long at) {
    return new BuildEvent.StepState(digest, name, true, at(at), at(at), "");
  }

  static BuildEvent.StepState failed(String digest, String name, long from, long to, String error) {
    return new BuildEvent.StepState(digest, name, false, at(from), at(to), error);
  }

  static BuildEvent.Output output(String digest, long at, int stream, String text) {
    return new BuildEvent.Output(digest, at(at), stream, text);
  }

  static BuildEvent.Task task(String digest, String id, long current, long from, long to) {
    return new BuildEvent.Task(digest, id, current, 0, at(from), at(to));
  }

  static Instant at(long millis) {
    return START.plusMillis(millis);
  }

  /** A build of three steps, of which the last fails while another is cancelled. */
  static List<BuildEvent> events() {
    return List.of(
        known("a", "[internal] load build definition from Dockerfile"),
        known("b", "[1/3] FROM alpine"),
        known("c", "[2/3] RUN echo"),
        known("d", "[3/3] RUN false"),
        started("a", "[internal] load build definition from Dockerfile", 0),
        task("a", "transferring dockerfile:", 31, 0, 20),
        done("a", "[internal] load build definition from Dockerfile", 0, 40),
        cached("b", "[1/3] FROM alpine", 50),
        started("c", "[2/3] RUN echo", 60),
        started("d", "[3/3] RUN false", 60),
        output("c", 183, 1, "first\nsec"),
        output("d", 190, 2, "oops\r\n"),
        output("c", 250, 1, "ond\n10%\r100%\nrest"),
        failed("d", "[3/3] RUN false", 60, 1260, "exit code: 1"),
        failed("c", "[2/3] RUN echo", 60, 1300, "context canceled"));
  }

  void advance(Duration time) {
    now = now.plus(time);
  }

  @Override
  public Instant instant() {
    return now;
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}
