package dev.jbuild.daemon.api;

import static dev.jbuild.daemon.api.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.jbuild.oci.Bytes;
import fsutil.types.Stat;
import io.grpc.Status;
import java.util.List;
import moby.buildkit.v1.frontend.ChecksumRequest;
import moby.buildkit.v1.frontend.FileRange;
import moby.buildkit.v1.frontend.ReadDirRequest;
import moby.buildkit.v1.frontend.ReadFileRequest;
import moby.buildkit.v1.frontend.ResolveImageConfigRequest;
import moby.buildkit.v1.frontend.ResolveSourceGitRequest;
import moby.buildkit.v1.frontend.ResolveSourceGitResponse;
import moby.buildkit.v1.frontend.ResolveSourceHTTPRequest;
import moby.buildkit.v1.frontend.ResolveSourceHTTPResponse;
import moby.buildkit.v1.frontend.ResolveSourceImageRequest;
import moby.buildkit.v1.frontend.ResolveSourceMetaRequest;
import moby.buildkit.v1.frontend.ResolveSourceMetaResponse;
import moby.buildkit.v1.frontend.StatFileRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BridgeFilesTest {
  private ApiHarness api;
  private GatewayClient client;
  private String ref;
  private boolean given;

  @BeforeEach
  void start() throws Exception {
    api = new ApiHarness();
    client = GatewayClient.begin(api, "a");
    ref = client.graph("x").getId();
  }

  @AfterEach
  void stop() throws Exception {
    if (!given) {
      giveNothing();
    }
    client.response();
    api.close();
  }

  private void giveNothing() {
    given = true;
    client.giveNothing();
  }

  private String read(long offset, long length) {
    return client
        .bridge()
        .readFile(
            ReadFileRequest.newBuilder()
                .setRef(ref)
                .setFilePath("Dockerfile")
                .setRange(FileRange.newBuilder().setOffset(offset).setLength(length))
                .build())
        .getData()
        .toStringUtf8();
  }

  @Test
  void filesAreReadWholeOrInParts() {
    assertEquals("FROM x", read(0, 0));
    assertEquals("OM", read(2, 2));
    assertEquals("x", read(5, 100));
    assertEquals("", read(50, 1));
    refused(
        () -> read(-1, 0), Status.Code.INVALID_ARGUMENT, "read Dockerfile: negative range -1+0");
  }

  @Test
  void aMissingFileIsSaidAsFrontendsExpectIt() {
    refused(
        () ->
            client
                .bridge()
                .readFile(ReadFileRequest.newBuilder().setRef(ref).setFilePath("/no").build()),
        Status.Code.NOT_FOUND,
        "open /no: no such file or directory");
  }

  @Test
  void directoriesAreListedByPattern() {
    var all = ReadDirRequest.newBuilder().setRef(ref).setDirPath("/");
    assertEquals(
        List.of("Dockerfile", "sub"),
        client.bridge().readDir(all.build()).getEntriesList().stream().map(Stat::getPath).toList());
    assertEquals(
        List.of("Dockerfile"),
        client.bridge().readDir(all.setIncludePattern("D*").build()).getEntriesList().stream()
            .map(Stat::getPath)
            .toList());
  }

  @Test
  void aFilesMetadataIsInTheClientsTerms() {
    var stat =
        client
            .bridge()
            .statFile(StatFileRequest.newBuilder().setRef(ref).setPath("/a/b").build())
            .getStat();
    assertEquals("b", stat.getPath());
    assertEquals(0644, stat.getMode());
    assertEquals(1, stat.getUid());
    assertEquals(2, stat.getGid());
    assertEquals(3, stat.getSize());
    assertEquals(4, stat.getModTime());
    assertEquals("y", stat.getXattrsOrThrow("user.x").toStringUtf8());
    var directory =
        client
            .bridge()
            .readDir(ReadDirRequest.newBuilder().setRef(ref).setDirPath("/").build())
            .getEntries(1);
    assertEquals(1 << 31 | 0755, directory.getMode());
  }

  @Test
  void anImagesDigestIsThatOfItsTag() {
    var reply =
        client
            .bridge()
            .resolveImageConfig(
                ResolveImageConfigRequest.newBuilder()
                    .setRef("docker.io/library/x:1")
                    .setPlatform(pb.Platform.newBuilder().setOS("linux").setArchitecture("x86_64"))
                    .setLogName("[internal] load x")
                    .build());
    assertEquals(Bytes.utf8("index").digest().toString(), reply.getDigest());
    assertEquals("{}", reply.getConfig().toStringUtf8());
    assertEquals("docker.io/library/x:1", reply.getRef());
  }

  @Test
  void aSourceIsAskedForItsDigestAlone() {
    var source = pb.SourceOp.newBuilder().setIdentifier("docker-image://docker.io/library/x:1");
    var request = ResolveSourceMetaRequest.newBuilder().setSource(source);
    var full = client.bridge().resolveSourceMeta(request.build());
    assertEquals(Bytes.utf8("index").digest().toString(), full.getImage().getDigest());
    assertEquals("{}", full.getImage().getConfig().toStringUtf8());
    var bare =
        client
            .bridge()
            .resolveSourceMeta(
                request.setImage(ResolveSourceImageRequest.newBuilder().setNoConfig(true)).build());
    assertEquals("", bare.getImage().getConfig().toStringUtf8());
  }

  @Test
  void aLocalSourceIsWhatItIs() {
    var local = pb.SourceOp.newBuilder().setIdentifier("local://context");
    assertEquals(
        local.build(),
        client
            .bridge()
            .resolveSourceMeta(ResolveSourceMetaRequest.newBuilder().setSource(local).build())
            .getSource());
  }

  private ResolveSourceMetaResponse resolve(ResolveSourceMetaRequest.Builder request) {
    return client.bridge().resolveSourceMeta(request.build());
  }

  private static ResolveSourceMetaRequest.Builder source(String identifier, String... attr) {
    var source = pb.SourceOp.newBuilder().setIdentifier(identifier);
    for (int i = 0; i < attr.length; i += 2) {
      source.putAttrs(attr[i], attr[i + 1]);
    }
    return ResolveSourceMetaRequest.newBuilder().setSource(source);
  }

  @Test
  void aGitSourceIsAnsweredByItsRefTagAndCommit() {
    var request = source("git://host/x#v1", "git.fullurl", "v1").setLogName("[internal] look");
    var plain = resolve(request);
    assertEquals(request.getSource(), plain.getSource());
    assertEquals(
        ResolveSourceGitResponse.newBuilder()
            .setRef("refs/tags/v1")
            .setChecksum("tag")
            .setCommitChecksum("commit")
            .build(),
        plain.getGit());
    var objects =
        resolve(request.setGit(ResolveSourceGitRequest.newBuilder().setReturnObject(true)));
    assertEquals("commit object", objects.getGit().getCommitObject().toStringUtf8());
    assertEquals("tag object", objects.getGit().getTagObject().toStringUtf8());
    giveNothing();
    assertTrue(api.ended("a").contains("[internal] look"), api.ended("a").toString());
  }

  @Test
  void aFileOfTheWebIsAnsweredByItsChecksumNameAndTime() {
    var request = source("https://ann:pw@host/x");
    var plain = resolve(request);
    assertEquals(
        ResolveSourceHTTPResponse.newBuilder()
            .setChecksum("sha256:aa")
            .setFilename("name")
            .setLastModified(Timestamp.newBuilder().setSeconds(7).setNanos(8))
            .build(),
        plain.getHTTP());
    var suffix = ByteString.copyFromUtf8("more");
    var asked =
        ChecksumRequest.newBuilder().setAlgo(ChecksumRequest.ChecksumAlgo.SHA512).setSuffix(suffix);
    var answer =
        resolve(request.setHTTP(ResolveSourceHTTPRequest.newBuilder().setChecksumRequest(asked)))
            .getHTTP()
            .getChecksumResponse();
    assertEquals("SHA512:more", answer.getDigest());
    assertEquals(suffix, answer.getSuffix());
    giveNothing();
    assertTrue(
        api.ended("a").contains("resolve source metadata for https://host/x"),
        api.ended("a").toString());
  }

  @Test
  void anUnknownChecksumAlgorithmIsRefused() {
    var asked = ChecksumRequest.newBuilder().setAlgoValue(9);
    refused(
        () ->
            resolve(
                source("https://host/x")
                    .setHTTP(ResolveSourceHTTPRequest.newBuilder().setChecksumRequest(asked))),
        Status.Code.INVALID_ARGUMENT,
        "resolve source: unknown checksum algorithm 9, want 0 for sha256, 1 for sha384 or 2 for"
            + " sha512");
  }
}
