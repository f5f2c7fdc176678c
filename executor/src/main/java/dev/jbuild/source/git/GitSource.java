package dev.jbuild.source.git;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Digest;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.session.Session;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.source.Located;
import dev.jbuild.source.Source;
import dev.jbuild.source.SourceRequest;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Commits of git repositories. A branch or tag is looked up once a job; files are brought when they
 * are needed, and once for each commit. Source: wire facts, "SourceOp", {@code git}.
 */
public final class GitSource implements Source {

  private final GitRepositories repositories;
  private final Session session;
  private final ConcurrentHashMap<String, Resolved> known = new ConcurrentHashMap<>();

  public GitSource(GitRepositories repositories, Session session) {
    this.repositories = repositories;
    this.session = session;
  }

  /**
   * What a ref stands for.
   *
   * @param ref in full, empty when only the commit is known
   */
  record Resolved(String commit, String ref) {}

  @Override
  public String scheme() {
    return "git";
  }

  @Override
  public Located locate(SourceRequest request, TransferProgress progress)
      throws InterruptedException {
    GitRequest wanted = GitRequest.of(request);
    GitAccess access = GitAccess.of(wanted, request, session);
    Resolved resolved = wrap(wanted, () -> resolve(wanted, access, progress));
    if (!resolved.commit().startsWith(wanted.checksum())) {
      throw new BuildException(
          Code.DATA_LOSS,
          "git source '"
              + wanted.shown()
              + "': '"
              + (wanted.ref().isEmpty() ? "HEAD" : wanted.ref())
              + "' is commit "
              + resolved.commit()
              + ", the build wants "
              + wanted.checksum());
    }
    return new Found(wanted, access, resolved, progress);
  }

  private Resolved resolve(GitRequest wanted, GitAccess access, TransferProgress progress)
      throws IOException, InterruptedException {
    if (wanted.namesCommit()) {
      return new Resolved(wanted.ref(), "");
    }
    String id = wanted.url() + "#" + wanted.ref();
    Resolved before = known.get(id);
    if (before != null) {
      return before;
    }
    try (var work = new GitWork(repositories, session, wanted, access, progress)) {
      Resolved now = choose(wanted, work.remoteRefs());
      Resolved other = known.putIfAbsent(id, now);
      return other == null ? now : other;
    }
  }

  /** As git checks out: a branch wins over a tag; of a tag, the commit that it names counts. */
  private static Resolved choose(GitRequest wanted, Map<String, String> remote) {
    String ref = wanted.ref();
    var candidates =
        ref.isEmpty() || ref.equals("HEAD")
            ? List.of("HEAD")
            : ref.startsWith("refs/")
                ? List.of(ref)
                : List.of("refs/heads/" + ref, "refs/tags/" + ref, "refs/" + ref);
    for (String candidate : candidates) {
      String direct = remote.get(candidate);
      if (direct != null) {
        return new Resolved(remote.getOrDefault(candidate + "^{}", direct), candidate);
      }
    }
    throw new BuildException(
        Code.NOT_FOUND,
        "git source '"
            + wanted.shown()
            + "': "
            + (ref.isEmpty()
                ? "the repository has no usual branch: name one with #BRANCH"
                : "there is no branch or tag '" + ref + "'"));
  }

  /** Work on the disk and with git. */
  private interface Work<T> {
    T run() throws IOException, InterruptedException;
  }

  private static <T> T wrap(GitRequest wanted, Work<T> work) throws InterruptedException {
    try {
      return work.run();
    } catch (IOException e) {
      throw new BuildException(
          Code.FAILED, "git source '" + wanted.shown() + "': " + e.getMessage(), e);
    }
  }

  /** A commit that is known. */
  private final class Found implements Located {
    private final GitRequest wanted;
    private final GitAccess access;
    private final Resolved resolved;
    private final TransferProgress progress;

    Found(GitRequest wanted, GitAccess access, Resolved resolved, TransferProgress progress) {
      this.wanted = wanted;
      this.access = access;
      this.resolved = resolved;
      this.progress = progress;
    }

    @Override
    public Digest key() {
      return wanted.key(resolved.commit());
    }

    @Override
    public Snapshot snapshot() throws InterruptedException {
      Optional<LayerId> there = repositories.layers().find(key());
      return new Snapshot(List.of(there.isPresent() ? there.get() : wrap(wanted, this::bring)));
    }

    private LayerId bring() throws IOException, InterruptedException {
      var lock = repositories.lock(wanted.url());
      lock.lockInterruptibly();
      try (var work = new GitWork(repositories, session, wanted, access, progress)) {
        work.fetch(resolved);
        return repositories
            .layers()
            .make(
                directory -> {
                  work.checkOut(resolved.commit(), directory);
                  return key();
                });
      } finally {
        lock.unlock();
      }
    }
  }
}
