package dev.jbuild.llb;

/** The network of a step, numbers as in {@code pb.NetMode}. */
public enum NetMode {
  /** The daemon's isolated default: a bridge. */
  SANDBOX,
  /** The host's own; needs the entitlement {@code network.host}. */
  HOST,
  /** Only a loopback. */
  NONE
}
