package dev.jbuild.daemon.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.junit.jupiter.api.function.Executable;

/** Looks whether a call is refused as it should be, to the letter. */
final class Refusals {
  private Refusals() {}

  static void check(StatusRuntimeException e, Status.Code code, String text) {
    assertEquals(text, e.getStatus().getDescription());
    assertEquals(code, e.getStatus().getCode());
  }

  static void refused(Executable call, Status.Code code, String text) {
    check(assertThrows(StatusRuntimeException.class, call), code, text);
  }
}
