package dev.jbuild.cli;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;

/**
 * What the process ends with. Documented in docs/exit-codes.md; numbers follow sysexits.h where it
 * has one, so that they keep away from the exit codes that steps use.
 */
public final class ExitCode {
  public static final int OK = 0;
  public static final int USAGE = 64;
  public static final int INVALID = 65;
  public static final int NOT_FOUND = 66;
  public static final int UNAVAILABLE = 69;
  public static final int INTERNAL = 70;
  public static final int FAILED = 71;
  public static final int DATA_LOSS = 72;
  public static final int RESOURCE_EXHAUSTED = 73;
  public static final int ALREADY_EXISTS = 75;
  public static final int UNIMPLEMENTED = 76;
  public static final int PERMISSION_DENIED = 77;
  public static final int UNAUTHENTICATED = 78;
  public static final int CANCELLED = 130;

  private ExitCode() {}

  /** The code of a failed build: a failed step's own, where there is one. */
  public static int of(BuildException failure) {
    if (failure.code() == Code.STEP_FAILED) {
      for (Detail detail : failure.details()) {
        if (detail instanceof Detail.ProcessExit exit && exit.code() != OK) {
          return exit.code();
        }
      }
    }
    return of(failure.code());
  }

  private static int of(Code code) {
    return switch (code) {
      case INVALID -> INVALID;
      case ALREADY_EXISTS -> ALREADY_EXISTS;
      case NOT_FOUND -> NOT_FOUND;
      case PERMISSION_DENIED -> PERMISSION_DENIED;
      case UNAUTHENTICATED -> UNAUTHENTICATED;
      case STEP_FAILED, FAILED -> FAILED;
      case UNAVAILABLE -> UNAVAILABLE;
      case RESOURCE_EXHAUSTED -> RESOURCE_EXHAUSTED;
      case DATA_LOSS -> DATA_LOSS;
      case UNIMPLEMENTED -> UNIMPLEMENTED;
      case CANCELLED -> CANCELLED;
    };
  }
}
