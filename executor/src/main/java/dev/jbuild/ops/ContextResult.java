package dev.jbuild.ops;

import dev.jbuild.filetree.CopySource;
import dev.jbuild.solver.Result;
import dev.jbuild.source.local.LocalMirrors;

/**
 * A directory that a client sent, as it was received. It ends with the job: no store finds it
 * again.
 *
 * @param name the local source's name
 * @param excluded whether an ignore file kept some of it back
 * @param others what else the client has there, for those who name something that is not
 */
record ContextResult(
    LocalMirrors.Lease lease, String name, boolean excluded, CopySource.Names others)
    implements Result {
  @Override
  public String id() {
    return "context:" + name;
  }
}
