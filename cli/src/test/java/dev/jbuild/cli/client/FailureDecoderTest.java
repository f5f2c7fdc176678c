package dev.jbuild.cli.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.Status;
import org.junit.jupiter.api.Test;

class FailureDecoderTest {
  private static String hungUp(String place) {
    var failure =
        Status.UNAVAILABLE
            .withDescription("Network closed for unknown reason")
            .asRuntimeException();
    return FailureDecoder.of(failure, place).message();
  }

  @Test
  void aDaemonThatHangsUpOnTcpMayWantTls() {
    assertEquals(
        "the daemon at 'tcp://h:1' does not answer: it hung up; if it serves TLS, give"
            + " --tlscacert, --tlscert and --tlskey",
        hungUp("tcp://h:1"));
    assertEquals(
        "the daemon at 'unix:///s' does not answer: Network closed for unknown reason",
        hungUp("unix:///s"));
  }
}
