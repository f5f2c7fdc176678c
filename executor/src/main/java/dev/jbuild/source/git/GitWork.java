package dev.jbuild.source.git;

import dev.jbuild.agent.AgentSocket;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.process.ProcessRequest.Served;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.session.Session;
import dev.jbuild.snapshot.TreeDeletion;
import dev.jbuild.source.git.GitProgram.Ended;
import dev.jbuild.source.git.GitSource.Resolved;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads one repository for one request, with a directory of its own that closing deletes. For one
 * thread, which holds the repository's lock while it fetches or checks out.
 */
final class GitWork implements AutoCloseable {
  private static final String SYMBOLIC = "ref: ";

  private final GitRepositories repositories;
  private final GitRequest wanted;
  private final GitAccess access;
  private final TransferProgress progress;
  private final Path work;
  private final Map<String, String> settings = new TreeMap<>();
  private final Map<String, String> variables = new TreeMap<>();
  private @Nullable Served agent;

  GitWork(
      GitRepositories repositories,
      Session session,
      GitRequest wanted,
      GitAccess access,
      TransferProgress progress)
      throws IOException {
    this.repositories = repositories;
    this.wanted = wanted;
    this.access = access;
    this.progress = progress;
    this.work = repositories.work();
    prepare(session);
  }

  /** Rights: only this repository's server gets to see the header, not those of submodules. */
  private void prepare(Session session) throws IOException {
    if (!access.authorization().isEmpty()) {
      String scheme = wanted.url().substring(0, wanted.url().indexOf("://"));
      settings.put(
          "http." + scheme + "://" + wanted.host() + "/.extraHeader",
          "Authorization: " + access.authorization());
    }
    var ssh = new StringBuilder("ssh -F /dev/null -o BatchMode=yes -o ConnectTimeout=15");
    ssh.append(" -o ServerAliveInterval=15");
    if (access.knownHosts().isEmpty()) {
      ssh.append(" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null");
    } else {
      Path hosts = Files.writeString(work.resolve("known_hosts"), access.knownHosts());
      ssh.append(" -o StrictHostKeyChecking=yes -o 'UserKnownHostsFile=").append(hosts).append("'");
    }
    variables.put("GIT_SSH_COMMAND", ssh.toString());
    if (!access.agent().isEmpty()) {
      Path socket = work.resolve("agent");
      var threads = Thread.ofVirtual().name("agent").factory();
      agent = new AgentSocket(session.agents(), access.agent(), threads).listen(socket);
      variables.put("SSH_AUTH_SOCK", socket.toString());
    }
  }

  private GitProgram git(Path directory, Map<String, String> more) {
    var all = new TreeMap<String, String>(variables);
    all.putAll(more);
    return new GitProgram(
        wanted.shown(), directory, settings, all, repositories.threads(), progress);
  }

  /**
   * What the repository's server has.
   *
   * @param objects by ref; of a tag also, under {@code <ref>^{}}, what it names
   * @param usualBranch in full, empty where HEAD is none or was not asked for
   */
  record Remote(Map<String, String> objects, String usualBranch) {
    Remote {
      objects = Map.copyOf(objects);
    }
  }

  Remote remoteRefs() throws IOException, InterruptedException {
    String ref = wanted.ref().isEmpty() ? "HEAD" : wanted.ref();
    String text =
        git(work, Map.of()).run("ls-remote", "--symref", "--", wanted.url(), ref, ref + "^{}");
    var refs = new TreeMap<String, String>();
    String branch = "";
    for (String line : text.lines().toList()) {
      int tab = line.indexOf('\t');
      if (tab > 0 && GitRequest.isCommit(line.substring(0, tab))) {
        refs.put(line.substring(tab + 1), line.substring(0, tab));
      } else if (line.startsWith(SYMBOLIC) && line.endsWith("\tHEAD")) {
        branch = line.substring(SYMBOLIC.length(), tab);
      }
    }
    return new Remote(refs, branch);
  }

  /** As git stores it; the commit was fetched. */
  Bytes commitObject(Resolved resolved) throws IOException, InterruptedException {
    GitProgram git = git(repositories.bare(wanted.url()), Map.of());
    return git.read("cat-file", "commit", resolved.commit());
  }

  /** The same of an annotated tag, which is brought unless it is here. */
  Bytes tagObject(Resolved resolved) throws IOException, InterruptedException {
    GitProgram git = git(repositories.bare(wanted.url()), Map.of());
    if (git.attempt("cat-file", "-e", resolved.object()).code() != 0) {
      git.run("fetch", "-q", "--depth=1", "--no-tags", "--force", wanted.url(), resolved.ref());
    }
    return git.read("cat-file", "tag", resolved.object());
  }

  /**
   * Brings the commit unless it is here: at best that one only; where the server does not let
   * itself be asked for it, all branches and tags.
   */
  void fetch(Resolved resolved) throws IOException, InterruptedException {
    Path bare = repositories.bare(wanted.url());
    if (!Files.exists(bare.resolve("HEAD"))) {
      Files.createDirectories(bare);
      git(bare, Map.of()).run("init", "-q", "--bare", ".");
    }
    GitProgram git = git(bare, Map.of());
    if (has(git, resolved.commit())) {
      return;
    }
    String asked = resolved.ref().isEmpty() ? resolved.commit() : resolved.ref();
    Ended shallow =
        git.attempt("fetch", "-q", "--depth=1", "--no-tags", "--force", wanted.url(), asked);
    if (shallow.code() == 0 && has(git, resolved.commit())) {
      return;
    }
    boolean cut = Files.exists(bare.resolve("shallow"));
    Ended all =
        git.attempt(
            "fetch",
            "-q",
            "--force",
            cut ? "--unshallow" : "--no-auto-maintenance",
            wanted.url(),
            "+refs/heads/*:refs/jbuild/heads/*",
            "+refs/tags/*:refs/jbuild/tags/*");
    if (all.code() != 0) {
      throw git.failure(all, "fetch");
    }
    if (!has(git, resolved.commit())) {
      throw new BuildException(
          Code.NOT_FOUND,
          "git source '" + wanted.shown() + "': there is no commit " + resolved.commit());
    }
  }

  private static boolean has(GitProgram git, String commit)
      throws IOException, InterruptedException {
    return git.attempt("cat-file", "-e", commit + "^{commit}").code() == 0;
  }

  /** Puts the files of a commit that is here into an empty directory. */
  void checkOut(String commit, Path target) throws IOException, InterruptedException {
    Path tree = Files.createDirectory(work.resolve("tree"));
    Path bare = repositories.bare(wanted.url());
    GitProgram git = git(tree, Map.of());
    git.run("init", "-q", ".");
    // Only for this does git read another directory of this machine.
    git(tree, Map.of("GIT_ALLOW_PROTOCOL", "file"))
        .run("fetch", "-q", "--depth=1", "--no-tags", "file://" + bare, commit);
    git.run("checkout", "-q", "--force", "--detach", commit);
    git.run("remote", "add", "origin", wanted.url());
    if (wanted.submodules() && Files.exists(tree.resolve(".gitmodules"))) {
      submodules(git);
    }
    String seconds = git.run("log", "-1", "--format=%ct", commit).strip();
    if (wanted.keepGitDirectory()) {
      Files.deleteIfExists(tree.resolve(".git/FETCH_HEAD"));
    } else {
      removeGit(tree);
    }
    Path from = part(tree);
    if (wanted.commitTime()) {
      setTimes(from, FileTime.fromMillis(Long.parseLong(seconds) * 1000));
    }
    moveChildren(from, target);
    if (wanted.commitTime()) {
      setTime(target, FileTime.fromMillis(Long.parseLong(seconds) * 1000));
    }
  }

  private static void submodules(GitProgram git) throws IOException, InterruptedException {
    Ended shallow = git.attempt("submodule", "-q", "update", "--init", "--recursive", "--depth=1");
    if (shallow.code() != 0) {
      git.run("submodule", "-q", "update", "--init", "--recursive");
    }
  }

  /** Also what submodules have of their own: a file that names the real place. */
  private static void removeGit(Path tree) throws IOException {
    TreeDeletion.delete(tree.resolve(".git"));
    if (!Files.exists(tree.resolve(".gitmodules"), LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    List<Path> found;
    try (var files = Files.walk(tree)) {
      found = files.filter(path -> path.endsWith(".git")).toList();
    }
    for (Path git : found) {
      TreeDeletion.delete(git);
    }
  }

  private Path part(Path tree) throws IOException {
    if (wanted.subdir().isEmpty()) {
      return tree;
    }
    Path part = tree.resolve(wanted.subdir());
    if (!Files.isDirectory(part) || !part.toRealPath().startsWith(tree.toRealPath())) {
      throw new BuildException(
          Code.NOT_FOUND,
          "git source '"
              + wanted.shown()
              + "': there is no directory '"
              + wanted.subdir()
              + "' in it");
    }
    return part.toRealPath();
  }

  private static void moveChildren(Path from, Path to) throws IOException {
    try (var children = Files.newDirectoryStream(from)) {
      for (Path child : children) {
        Files.move(child, to.resolve(from.relativize(child)));
      }
    }
  }

  private static void setTimes(Path directory, FileTime time) throws IOException {
    List<Path> all;
    try (var files = Files.walk(directory)) {
      all = files.toList();
    }
    for (Path path : all) {
      setTime(path, time);
    }
  }

  private static void setTime(Path path, FileTime time) throws IOException {
    Files.getFileAttributeView(path, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
        .setTimes(time, time, null);
  }

  @Override
  public void close() throws IOException {
    try {
      if (agent != null) {
        agent.close();
      }
    } finally {
      TreeDeletion.delete(work);
    }
  }
}
