package dev.jbuild.source.git;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.export.LayerRig;
import dev.jbuild.linux.FileStat;
import dev.jbuild.oci.Bytes;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.session.Credentials;
import dev.jbuild.session.FileSync;
import dev.jbuild.session.OutputSink;
import dev.jbuild.session.Secrets;
import dev.jbuild.session.Session;
import dev.jbuild.source.Located;
import dev.jbuild.source.MadeLayers;
import dev.jbuild.source.SourceFacts;
import dev.jbuild.source.SourceQuestion;
import dev.jbuild.source.SourceRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class GitSourceTest {
  private final Path directory;
  private final LayerRig rig;
  private final GitServer server;
  private final MVStore store = MVStore.open(null);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, String> secrets = new TreeMap<>();

  GitSourceTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    server = new GitServer(directory.resolve("served"));
    rig = new LayerRig(directory.resolve("state"));
  }

  @AfterEach
  void close() {
    server.close();
    threads.shutdownNow();
    rig.close();
    store.close();
  }

  private GitSource source() throws IOException {
    var made = new MadeLayers(store, rig.snapshotter, rig.catalog, Clock.systemUTC());
    var repositories = new GitRepositories(directory.resolve("state/git"), made, threads);
    repositories.open();
    return new GitSource(repositories, new SecretsOnly(secrets));
  }

  /** A client that has nothing but secrets. */
  private record SecretsOnly(Map<String, String> values) implements Session {
    @Override
    public String id() {
      return "session";
    }

    @Override
    public FileSync files() {
      throw new AssertionError("no files");
    }

    @Override
    public OutputSink outputs() {
      throw new AssertionError("no outputs");
    }

    @Override
    public Credentials credentials() {
      return host -> Optional.empty();
    }

    @Override
    public Secrets secrets() {
      return id -> Optional.ofNullable(values.get(id)).map(Bytes::utf8);
    }
  }

  private static SourceRequest request(String url, String fragment, String... attrs) {
    var all = new TreeMap<String, String>(Map.of("git.fullurl", url));
    for (int i = 0; i < attrs.length; i += 2) {
      all.put(attrs[i], attrs[i + 1]);
    }
    String rest = url.substring(url.indexOf("://") + 3);
    return new SourceRequest("git://" + rest + fragment, all, LayerRig.AMD64);
  }

  private Located locate(String url, String fragment, String... attrs) throws Exception {
    return source().locate(request(url, fragment, attrs), TransferProgress.NONE);
  }

  private Path files(String url, String fragment, String... attrs) throws Exception {
    Located located = locate(url, fragment, attrs);
    return rig.snapshotter.directory(located.snapshot().layers().getFirst());
  }

  private BuildException failure(String url, String fragment, String... attrs) {
    return assertThrows(BuildException.class, () -> files(url, fragment, attrs));
  }

  private String smart() {
    return server.url("smart", "repo/.git");
  }

  private static List<String> names(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  @Test
  void theUsualBranchIsCheckedOutWithoutGitsOwnFiles() throws Exception {
    server.commit("repo", "sub/a", "one");
    Path files = files(smart(), "");
    assertEquals(List.of("sub"), names(files));
    assertEquals("one", Files.readString(files.resolve("sub/a")));
    FileStat stat = rig.kernel.stat(files.resolve("sub/a"));
    assertEquals(0644, stat.permissions());
    assertEquals(0, stat.uid());
  }

  @Test
  void branchTagAndCommitOfTheSameFilesHaveOneKey() throws Exception {
    String commit = server.commit("repo", "a", "one");
    server.git("repo", "tag", "-a", "v1", "-m", "annotated");
    server.git("repo", "branch", "side");
    server.git("repo", "update-server-info");
    String key = locate(smart(), "").key().hex();
    assertEquals(key, locate(smart(), "#side").key().hex());
    assertEquals(key, locate(smart(), "#v1").key().hex());
    assertEquals(key, locate(smart(), "#refs/tags/v1").key().hex());
    assertEquals(key, locate(smart(), "#" + commit).key().hex());
  }

  @Test
  void aChangedBranchHasAnotherKey() throws Exception {
    server.commit("repo", "a", "one");
    Located before = locate(smart(), "#main");
    server.commit("repo", "a", "two");
    assertNotEquals(before.key(), locate(smart(), "#main").key());
    assertEquals("two", Files.readString(files(smart(), "#main").resolve("a")));
  }

  @Test
  void anOldCommitIsBrought() throws Exception {
    String old = server.commit("repo", "a", "one");
    server.commit("repo", "a", "two");
    assertEquals("one", Files.readString(files(smart(), "#" + old).resolve("a")));
  }

  @Test
  void anOldCommitComesFromAServerOfPlainFiles() throws Exception {
    String old = server.commit("repo", "a", "one");
    server.commit("repo", "a", "two");
    String url = server.url("dumb", "repo/.git");
    assertEquals("one", Files.readString(files(url, "#" + old).resolve("a")));
    assertEquals("two", Files.readString(files(url, "").resolve("a")));
  }

  @Test
  void aCommitThatIsHereIsNotAskedFor() throws Exception {
    String commit = server.commit("repo", "a", "one");
    Path first = files(smart(), "#" + commit);
    server.seen.clear();
    assertEquals(first, files(smart(), "#" + commit));
    assertEquals(List.of(), server.seen);
  }

  @Test
  void aDirectoryOfTheRepositoryIsTheRoot() throws Exception {
    server.commit("repo", "sub/deep/a", "one");
    assertEquals(List.of("a"), names(files(smart(), "#main:sub/deep")));
    assertEquals(
        "git source '" + smart() + "': there is no directory 'other' in it",
        failure(smart(), "#main:other").message());
  }

  @Test
  void aDirectoryNeverLeadsOut() throws Exception {
    Files.createDirectories(directory.resolve("served/repo"));
    server.git("repo", "init", "-q", "-b", "main");
    Files.createSymbolicLink(directory.resolve("served/repo/out"), Path.of("/etc"));
    server.commit("repo", "a", "one");
    assertEquals(Code.NOT_FOUND, failure(smart(), "#main:out").code());
    assertEquals(
        "git directory '../x' leads out of the repository",
        failure(smart(), "#main:../x").message());
  }

  @Test
  void gitsFilesAreKeptWhenTheBuildWantsThem() throws Exception {
    String commit = server.commit("repo", "a", "one");
    Path files = files(smart(), "", "git.keepgitdir", "true");
    assertEquals(List.of(".git", "a"), names(files));
    assertEquals(commit, Files.readString(files.resolve(".git/HEAD")).strip());
    assertTrue(Files.readString(files.resolve(".git/config")).contains("url = " + smart()));
  }

  @Test
  void submodulesComeAlong() throws Exception {
    server.commit("inner", "in", "inside");
    server.commit("repo", "a", "one");
    server.git("repo", "submodule", "add", "-q", server.url("smart", "inner/.git"), "mod");
    server.git("repo", "commit", "-q", "-m", "module");
    Path files = files(smart(), "");
    assertEquals("inside", Files.readString(files.resolve("mod/in")));
    assertEquals(List.of("in"), names(files.resolve("mod")));
    Path without = files(smart(), "", "git.skipsubmodules", "true");
    assertEquals(List.of(), names(without.resolve("mod")));
  }

  @Test
  void aSubmoduleCannotReadFilesOfTheBuilder() throws Exception {
    server.commit("inner", "in", "inside");
    server.commit("repo", "a", "one");
    String local = directory.resolve("served/inner").toString();
    server.git("repo", "submodule", "add", "-q", local, "mod");
    server.git("repo", "commit", "-q", "-m", "module");
    BuildException failure = failure(smart(), "");
    assertTrue(failure.message().contains("transport 'file' not allowed"), failure.message());
  }

  @Test
  void filesHaveTheTimeOfTheCommitWhenTheBuildWantsThat() throws Exception {
    server.commit("repo", "sub/a", "one");
    Path files = files(smart(), "", "git.mtime", "commit");
    long nanos = 981_173_106L * 1_000_000_000;
    assertEquals(nanos, rig.kernel.stat(files.resolve("sub/a")).modifiedNanos());
    assertEquals(nanos, rig.kernel.stat(files.resolve("sub")).modifiedNanos());
  }

  @Test
  void anotherCommitThanTheBuildWantsIsRefused() throws Exception {
    String commit = server.commit("repo", "a", "one");
    assertEquals(
        List.of("a"), names(files(smart(), "#main", "git.checksum", commit.substring(0, 10))));
    assertEquals(
        "git source '" + smart() + "': 'main' is commit " + commit + ", the build wants 0123456",
        failure(smart(), "#main", "git.checksum", "0123456").message());
  }

  @Test
  void aRefThatIsNotThereIsNamed() throws Exception {
    server.commit("repo", "a", "one");
    BuildException failure = failure(smart(), "#nope");
    assertEquals(Code.NOT_FOUND, failure.code());
    assertEquals(
        "git source '" + smart() + "': there is no branch or tag 'nope'", failure.message());
  }

  @Test
  void aTokenIsSentAndWantedOneIsNamed() throws Exception {
    server.commit("repo", "a", "one");
    String login = "x-access-token:sesame";
    server.wantedAuthorization =
        "basic " + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8));
    assertEquals(Code.UNAUTHENTICATED, failure(smart(), "").code());
    secrets.put("GIT_AUTH_TOKEN", "sesame\n");
    assertEquals(List.of("a"), names(files(smart(), "")));
  }

  @Test
  void aHeaderForTheHostWinsOverTheOneForAll() throws Exception {
    server.commit("repo", "a", "one");
    server.wantedAuthorization = "Bearer right";
    secrets.put("GIT_AUTH_HEADER", "Bearer wrong");
    String host = smart().substring("http://".length(), smart().indexOf("/smart"));
    secrets.put("GIT_AUTH_HEADER." + host, "Bearer right");
    assertEquals(List.of("a"), names(files(smart(), "")));
  }

  @Test
  void localPathsAndOptionsAreNoUrls() {
    for (String url : List.of("file:///etc", "ext::sh -c id", "https://-oProxy=x/y", "/etc")) {
      var request = new SourceRequest("git://x", Map.of("git.fullurl", url), LayerRig.AMD64);
      var failure =
          assertThrows(BuildException.class, () -> source().locate(request, TransferProgress.NONE));
      assertEquals(Code.INVALID, failure.code(), url);
    }
    assertEquals(Code.INVALID, failure("https://h/x", "#--upload-pack=id").code());
  }

  @Test
  void nothingIsLeftOfTheWork() throws Exception {
    server.commit("repo", "a", "one");
    files(smart(), "");
    assertFalse(names(directory.resolve("state/git")).stream().anyMatch(n -> n.startsWith(".")));
  }

  private SourceFacts.Git describe(boolean objects, String fragment) throws Exception {
    return (SourceFacts.Git)
        source()
            .describe(
                request(smart(), fragment),
                new SourceQuestion(objects, null),
                TransferProgress.NONE);
  }

  @Test
  void aBranchIsDescribedByItsFullNameAndCommit() throws Exception {
    String commit = server.commit("repo", "a", "one");
    var main = new SourceFacts.Git("refs/heads/main", commit, "", Bytes.empty(), Bytes.empty());
    assertEquals(main, describe(false, "#main"));
    assertEquals(main, describe(false, ""));
    assertEquals(
        new SourceFacts.Git(commit, commit, "", Bytes.empty(), Bytes.empty()),
        describe(false, "#" + commit));
  }

  @Test
  void anAnnotatedTagIsDescribedWithTheCommitThatItNames() throws Exception {
    String commit = server.commit("repo", "a", "one");
    server.git("repo", "tag", "-a", "v1", "-m", "annotated");
    String tag = server.git("repo", "rev-parse", "v1");
    assertEquals(
        new SourceFacts.Git("refs/tags/v1", tag, commit, Bytes.empty(), Bytes.empty()),
        describe(false, "#v1"));
  }

  @Test
  void objectsAreGivenAsGitHashesThem() throws Exception {
    String commit = server.commit("repo", "a", "one");
    server.git("repo", "tag", "-a", "v1", "-m", "annotated");
    String tag = server.git("repo", "rev-parse", "v1");
    files(smart(), "#" + commit);
    SourceFacts.Git facts = describe(true, "#v1");
    assertEquals(commit, hash("commit", facts.commitObject()));
    assertEquals(tag, hash("tag", facts.tagObject()));
    assertEquals(Bytes.empty(), describe(true, "#main").tagObject());
  }

  /** Source: the format of git's objects. */
  private static String hash(String type, Bytes object) throws Exception {
    var hash = MessageDigest.getInstance("SHA-1");
    hash.update((type + " " + object.size() + "\0").getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(hash.digest(object.toArray()));
  }

  @Test
  void theChecksumOfATagCanBeTheTagsOwn() throws Exception {
    String commit = server.commit("repo", "a", "one");
    server.git("repo", "tag", "-a", "v1", "-m", "annotated");
    String tag = server.git("repo", "rev-parse", "v1");
    assertEquals(
        locate(smart(), "#" + commit).key(), locate(smart(), "#v1", "git.checksum", tag).key());
  }
}
