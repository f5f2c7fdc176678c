package dev.jbuild.error;

/**
 * What kind of failure a {@link BuildException} is. Mapped once to a gRPC status (daemon.api) and
 * once to an exit code (cli).
 */
public enum Code {
  /** The request, Dockerfile, flag or file that the user gave is wrong. */
  INVALID,
  /** Something named does not exist: file, image, stage, session. */
  NOT_FOUND,
  /** Something that shall be made is there already under its name. */
  ALREADY_EXISTS,
  /** An entitlement is missing, on the daemon's or the request's side. */
  PERMISSION_DENIED,
  /** A registry or server refused the credentials. */
  UNAUTHENTICATED,
  /** A build step's process ended with an exit code that was not allowed. */
  STEP_FAILED,
  /** A network peer or needed program is not there or does not answer. */
  UNAVAILABLE,
  /** Disk, memory, addresses or another bounded thing is used up. */
  RESOURCE_EXHAUSTED,
  /** Data does not match its digest or is not what it claims to be. */
  DATA_LOSS,
  /** jbuild does not offer this (yet). */
  UNIMPLEMENTED,
  /** The build was cancelled by its client. */
  CANCELLED,
  /** Any other failure of the machine or file system. */
  FAILED
}
