package dev.jbuild.llb;

/** How confined a step is, numbers as in {@code pb.SecurityMode}. */
public enum SecurityMode {
  SANDBOX,
  /** Without confinement; needs the entitlement {@code security.insecure}. */
  INSECURE
}
