package dev.jbuild.daemon.transport;

import java.time.Duration;

/**
 * What those who connect are given. Who builds may be silent for hours; who never says what he came
 * for has to go.
 *
 * @param greeting until TLS and the beginning of HTTP/2 are over; TLS has half of it
 * @param firstCall until a first call is there; who has made one may stay without
 * @param frame until a frame that has begun is there, or all frames of a call's headers
 * @param request until the message of a call that sends only one is there
 * @param pulse after so long without a byte it is asked whether the client lives, which has a third
 *     of it to answer; a client that does not read does not answer either
 * @param ending remains to a connection without calls that was told to end
 * @param connections at one address; for one more the oldest goes that never made a call, else the
 *     one that has had none open for longest
 * @param calls open at once on one connection
 * @param resets so many cancelled calls a connection may have in 10 s
 * @param arriving bytes of messages that are not whole yet, of all connections
 */
public record ConnectionBounds(
    Duration greeting,
    Duration firstCall,
    Duration frame,
    Duration request,
    Duration pulse,
    Duration ending,
    int connections,
    int calls,
    int resets,
    long arriving) {

  /**
   * Calls are many: one connection brings a whole {@code buildx bake}, with the session, the
   * request, the progress and the questions of each target.
   */
  public static final ConnectionBounds USUAL =
      new ConnectionBounds(
          Duration.ofSeconds(20),
          Duration.ofMinutes(1),
          Duration.ofMinutes(1),
          Duration.ofMinutes(2),
          Duration.ofMinutes(1),
          Duration.ofSeconds(5),
          1024,
          4096,
          4096,
          20L << 20);

  public ConnectionBounds {
    if (connections < 1 || calls < 1 || resets < 1 || arriving < 1) {
      throw new IllegalArgumentException("bounds: want at least one of each");
    }
  }
}
