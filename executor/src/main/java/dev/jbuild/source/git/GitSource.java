package dev.jbuild.source.git;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.session.Session;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.source.DescribedSource;
import dev.jbuild.source.Located;
import dev.jbuild.source.SourceFacts;
import dev.jbuild.source.SourceQuestion;
import dev.jbuild.source.SourceRequest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Commits of git repositories. A branch or tag is looked up once a job; files are brought when they
 * are needed, and once for each commit. Source: wire facts, "SourceOp", {@code git}.
 */
public final class GitSource implements DescribedSource {
  private static final Bytes NONE = Bytes.empty();

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
   * @param object that the ref names: the commit, or an annotated tag of it
   * @param ref in full, empty when only the commit is known
   */
  record Resolved(String commit, String object, String ref) {
    boolean isTag() {
      return !object.equals(commit);
    }
  }

  @Override
  public String scheme() {
    return "git";
  }

  @Override
  public Located locate(SourceRequest request, TransferProgress progress)
      throws InterruptedException {
    GitRequest wanted = GitRequest.of(request);
    GitAccess access = GitAccess.of(wanted, request, session);
    return new Found(wanted, access, checked(wanted, access, progress), progress);
  }

  @Override
  public SourceFacts describe(
      SourceRequest request, SourceQuestion question, TransferProgress progress)
      throws InterruptedException {
    GitRequest wanted = GitRequest.of(request);
    GitAccess access = GitAccess.of(wanted, request, session);
    Resolved resolved = checked(wanted, access, progress);
    if (!question.objects()) {
      return facts(resolved, NONE, NONE);
    }
    return wrap(
        wanted,
        () -> {
          var lock = repositories.lock(wanted.url());
          lock.lockInterruptibly();
          try (var work = new GitWork(repositories, session, wanted, access, progress)) {
            work.fetch(resolved);
            Bytes commit = work.commitObject(resolved);
            return facts(resolved, commit, resolved.isTag() ? work.tagObject(resolved) : NONE);
          } finally {
            lock.unlock();
          }
        });
  }

  private static SourceFacts facts(Resolved resolved, Bytes commit, Bytes tag) {
    return new SourceFacts.Git(
        resolved.ref().isEmpty() ? resolved.commit() : resolved.ref(),
        resolved.object(),
        resolved.isTag() ? resolved.commit() : "",
        commit,
        tag);
  }

  /** What the ref is now, which is what the build wants: the commit, or the tag of it. */
  private Resolved checked(GitRequest wanted, GitAccess access, TransferProgress progress)
      throws InterruptedException {
    Resolved resolved = wrap(wanted, () -> resolve(wanted, access, progress));
    if (!resolved.commit().startsWith(wanted.checksum())
        && !resolved.object().startsWith(wanted.checksum())) {
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
    return resolved;
  }

  private Resolved resolve(GitRequest wanted, GitAccess access, TransferProgress progress)
      throws IOException, InterruptedException {
    if (wanted.namesCommit()) {
      return new Resolved(wanted.ref(), wanted.ref(), "");
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
  private static Resolved choose(GitRequest wanted, GitWork.Remote remote) {
    String ref = wanted.ref();
    var candidates =
        ref.isEmpty() || ref.equals("HEAD")
            ? List.of("HEAD")
            : ref.startsWith("refs/")
                ? List.of(ref)
                : List.of("refs/heads/" + ref, "refs/tags/" + ref, "refs/" + ref);
    for (String candidate : candidates) {
      String direct = remote.objects().get(candidate);
      if (direct != null) {
        String commit = remote.objects().getOrDefault(candidate + "^{}", direct);
        boolean usual = candidate.equals("HEAD") && !remote.usualBranch().isEmpty();
        return new Resolved(commit, direct, usual ? remote.usualBranch() : candidate);
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
