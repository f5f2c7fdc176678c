package dev.jbuild.daemon.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import containerd.services.content.v1.ContentGrpc;
import containerd.services.content.v1.InfoRequest;
import containerd.services.content.v1.ReadContentRequest;
import containerd.services.content.v1.WriteAction;
import containerd.services.content.v1.WriteContentRequest;
import containerd.services.content.v1.WriteContentResponse;
import dev.jbuild.daemon.session.store.IncomingLayout;
import dev.jbuild.daemon.session.store.StoreService;
import dev.jbuild.daemon.session.sync.RemoteOutputs;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.MediaType;
import dev.jbuild.session.OutputSink;
import dev.jbuild.session.direct.DirectoryLayouts;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.BlockingClientCall;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blobs between a daemon and a client's layouts, with either side hostile. */
class StoreTest {
  private static final Context.Key<Metadata> HEADERS = Context.key("store-headers");
  private static final byte[] LARGE = new byte[3_500_001];

  static {
    new Random(7).nextBytes(LARGE);
  }

  @TempDir Path work;
  private Path readable;
  private Path written;
  private IncomingLayout incoming;
  private Server server;
  private ManagedChannel channel;
  private ManagedChannel lying;
  private Server liar;
  private final LyingStore lies = new LyingStore();

  private static final class KeepHeaders implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      return Contexts.interceptCall(
          Context.current().withValue(HEADERS, headers), call, headers, next);
    }
  }

  @BeforeEach
  void open() throws IOException {
    readable = Files.createDirectories(work.resolve("readable/blobs/sha256")).resolve("../..");
    readable = readable.normalize();
    written = Files.createDirectories(work.resolve("written"));
    incoming = new IncomingLayout(written);
    String name = InProcessServerBuilder.generateName();
    var service =
        new StoreService(
            new DirectoryLayouts(Map.of("mine", readable)),
            exporter -> {
              if (exporter != 2) {
                throw new BuildException(Code.NOT_FOUND, "output " + exporter + " is no layout");
              }
              return incoming;
            },
            () -> HEADERS.get(),
            Thread.ofVirtual().factory());
    server =
        InProcessServerBuilder.forName(name)
            .addService(service)
            .intercept(new KeepHeaders())
            .build()
            .start();
    channel = InProcessChannelBuilder.forName(name).build();
    liar = InProcessServerBuilder.forName(name + "-liar").addService(lies).build().start();
    lying = InProcessChannelBuilder.forName(name + "-liar").build();
  }

  @AfterEach
  void close() {
    channel.shutdownNow();
    lying.shutdownNow();
    server.shutdownNow();
    liar.shutdownNow();
  }

  private RemoteSession session(ManagedChannel to) {
    var methods =
        Set.of(
            "/containerd.services.content.v1.content/read",
            "/containerd.services.content.v1.content/write");
    return new RemoteSession(
        new SessionHeaders("s", "", methods),
        to,
        new RemoteOutputs.Staging(
            work,
            directories -> {
              throw new IllegalStateException("no directory is sent here");
            },
            Thread.ofVirtual().factory()));
  }

  private Digest blob(byte[] bytes) throws IOException {
    Digest digest = Digest.of(bytes);
    Files.write(DirectoryLayouts.blob(readable, digest), bytes);
    return digest;
  }

  private static byte[] read(RemoteSession session, String store, Digest digest)
      throws IOException {
    try (InputStream in = session.layouts().layout(store).blob(digest)) {
      return in.readAllBytes();
    }
  }

  private OutputSink.Blobs output(ManagedChannel to) throws IOException {
    return session(to).outputs().blobs(2).orElseThrow();
  }

  private Path target(Digest digest) {
    return DirectoryLayouts.blob(written, digest);
  }

  private void assertNothingWritten() throws IOException {
    Path blobs = written.resolve("blobs/sha256");
    if (Files.exists(blobs)) {
      try (var entries = Files.list(blobs)) {
        assertEquals(List.of(), entries.toList());
      }
    }
  }

  @Test
  void aBlobOfSeveralMessagesIsRead() throws Exception {
    assertArrayEquals(LARGE, read(session(channel), "mine", blob(LARGE)));
  }

  @Test
  void anEmptyBlobIsRead() throws Exception {
    assertArrayEquals(new byte[0], read(session(channel), "mine", blob(new byte[0])));
  }

  @Test
  void aMissingBlobIsNoSuchFile() {
    assertThrows(NoSuchFileException.class, () -> read(session(channel), "mine", Digest.of(LARGE)));
  }

  @Test
  void aStoreThatIsNotOfferedIsNotRead() throws Exception {
    Digest digest = blob(LARGE);
    assertThrows(NoSuchFileException.class, () -> read(session(channel), "other", digest));
  }

  @Test
  void aLinkInALayoutIsNotFollowed() throws Exception {
    Path secret = Files.write(work.resolve("secret"), LARGE);
    Digest digest = Digest.of(LARGE);
    Files.createSymbolicLink(DirectoryLayouts.blob(readable, digest), secret);
    assertThrows(NoSuchFileException.class, () -> read(session(channel), "mine", digest));
  }

  private ContentGrpc.ContentBlockingStub raw(String store) {
    var headers = new Metadata();
    headers.put(
        Metadata.Key.of("buildkit-attachable-store-id", Metadata.ASCII_STRING_MARSHALLER), store);
    return ContentGrpc.newBlockingStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static Status.Code infoFails(ContentGrpc.ContentBlockingStub stub, String digest) {
    return assertThrows(
            StatusRuntimeException.class,
            () -> stub.info(InfoRequest.newBuilder().setDigest(digest).build()))
        .getStatus()
        .getCode();
  }

  @Test
  void infoTellsTheSize() throws Exception {
    String digest = blob(LARGE).toString();
    var info = raw("oci:mine").info(InfoRequest.newBuilder().setDigest(digest).build()).getInfo();
    assertEquals(digest, info.getDigest());
    assertEquals(LARGE.length, info.getSize());
  }

  @Test
  void requestsThatNameNoStoreOrNoDigestAreRefused() throws Exception {
    String digest = blob(LARGE).toString();
    assertEquals(
        Status.Code.INVALID_ARGUMENT, infoFails(ContentGrpc.newBlockingStub(channel), digest));
    assertEquals(
        Status.Code.INVALID_ARGUMENT, infoFails(raw("oci:mine"), "sha256:../../../secret"));
    assertEquals(Status.Code.NOT_FOUND, infoFails(raw("local:" + readable), digest));
    assertEquals(Status.Code.NOT_FOUND, infoFails(raw("export"), digest));
  }

  @Test
  void aPartOfABlobIsRead() throws Exception {
    var request = ReadContentRequest.newBuilder().setDigest(blob(LARGE).toString());
    var parts = raw("oci:mine").read(request.setOffset(LARGE.length - 5).setSize(99).build());
    assertEquals(5, parts.next().getData().size());
    assertFalse(parts.hasNext());
    var beyond = raw("oci:mine").read(request.setOffset(LARGE.length + 1).build());
    var failure = assertThrows(StatusRuntimeException.class, beyond::hasNext);
    assertEquals(Status.Code.OUT_OF_RANGE, failure.getStatus().getCode());
  }

  @Test
  void bytesInAnotherOrderAreRefused() {
    lies.offset = 2;
    Digest digest = Digest.of(LARGE);
    var failure = assertThrows(BuildException.class, () -> read(session(lying), "mine", digest));
    assertEquals(Code.DATA_LOSS, failure.code());
    assertEquals(
        "oci layout 'mine': blob "
            + digest
            + ": the client sent the bytes at 2 where those at 3 are due",
        failure.message());
  }

  @Test
  void tagsAreNotLookedUpInAClient() {
    var failure =
        assertThrows(BuildException.class, () -> session(channel).layouts().layout("mine").index());
    assertEquals(
        "oci layout 'mine': the client gives blobs only, not the layout's tags: name the image by"
            + " its digest",
        failure.message());
  }

  @Test
  void aStoresNameIsPlain() {
    var failure =
        assertThrows(BuildException.class, () -> session(channel).layouts().layout("a\nb"));
    assertEquals(Code.INVALID, failure.code());
  }

  @Test
  void aBlobOfSeveralMessagesIsWritten() throws Exception {
    Digest digest = Digest.of(LARGE);
    output(channel).put(digest, LARGE.length, () -> new ByteArrayInputStream(LARGE));
    assertArrayEquals(LARGE, Files.readAllBytes(target(digest)));
  }

  @Test
  void aBlobThatIsThereIsNotReadAgain() throws Exception {
    Digest digest = Digest.of(LARGE);
    OutputSink.Blobs output = output(channel);
    output.put(digest, LARGE.length, () -> new ByteArrayInputStream(LARGE));
    output.put(
        digest,
        LARGE.length,
        () -> {
          throw new IOException("read again");
        });
    assertTrue(Files.exists(target(digest)));
  }

  @Test
  void blobsGoWhenTheImageIsNotNamed() throws Exception {
    Digest digest = Digest.of(LARGE);
    output(channel).put(digest, LARGE.length, () -> new ByteArrayInputStream(LARGE));
    incoming.close();
    assertNothingWritten();
  }

  @Test
  void blobsStayWhenTheImageIsNamed() throws Exception {
    Digest digest = Digest.of(LARGE);
    output(channel).put(digest, LARGE.length, () -> new ByteArrayInputStream(LARGE));
    incoming.name(new Descriptor(MediaType.OCI_MANIFEST, digest, LARGE.length), List.of());
    incoming.close();
    assertTrue(Files.exists(target(digest)));
    assertTrue(Files.readString(written.resolve("index.json")).contains(digest.toString()));
  }

  @Test
  void anImageThatHasNotComeIsNotNamed() {
    var root = new Descriptor(MediaType.OCI_MANIFEST, Digest.of(LARGE), LARGE.length);
    assertThrows(NoSuchFileException.class, () -> incoming.name(root, List.of()));
    assertFalse(Files.exists(written.resolve("index.json")));
  }

  private static String refused(OutputSink.Blobs to, Digest digest, long size, byte[] bytes) {
    return assertThrows(
            BuildException.class, () -> to.put(digest, size, () -> new ByteArrayInputStream(bytes)))
        .message();
  }

  @Test
  void bytesOfAnotherDigestAreNotKept() throws Exception {
    Digest digest = Digest.of(new byte[] {1});
    assertEquals(
        "output 2: blob "
            + digest
            + ": blob "
            + digest
            + ": the bytes that came have digest "
            + Digest.of(LARGE).hex(),
        refused(output(channel), digest, LARGE.length, LARGE));
    assertNothingWritten();
  }

  @Test
  void moreBytesThanAnnouncedAreNotTaken() throws Exception {
    Digest digest = Digest.of(LARGE);
    var headers = new Metadata();
    var ascii = Metadata.ASCII_STRING_MARSHALLER;
    headers.put(Metadata.Key.of("buildkit-attachable-store-id", ascii), "export");
    headers.put(Metadata.Key.of("buildkit-attachable-exporter-id", ascii), "2");
    BlockingClientCall<WriteContentRequest, WriteContentResponse> call =
        ContentGrpc.newBlockingV2Stub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
            .write();
    var message = WriteContentRequest.newBuilder().setExpected(digest.toString()).setTotal(2);
    call.write(message.setAction(WriteAction.STAT).build());
    assertEquals(0, call.read().getOffset());
    var data = ByteString.copyFromUtf8("abc");
    call.write(message.setAction(WriteAction.WRITE).setData(data).build());
    var failure = assertThrows(StatusException.class, call::read);
    assertEquals(
        "blob " + digest + ": more bytes came than the 2 that were announced",
        failure.getStatus().getDescription());
    assertNothingWritten();
  }

  @Test
  void onlyOutputsThatAreLayoutsAreWritten() throws Exception {
    OutputSink.Blobs other = session(channel).outputs().blobs(1).orElseThrow();
    Digest digest = Digest.of(LARGE);
    assertEquals(
        "output 1: blob " + digest + ": output 1 is no layout",
        refused(other, digest, LARGE.length, LARGE));
  }

  @Test
  void aClientThatCountsWrongIsRefused() throws Exception {
    Digest digest = Digest.of(LARGE);
    lies.has = LARGE.length + 1L;
    assertEquals(
        "output 2: blob " + digest + ": the client says that it has 3500002 of 3500001 bytes",
        refused(output(lying), digest, LARGE.length, LARGE));
    lies.has = 7;
    assertEquals(
        "output 2: blob "
            + digest
            + ": the client says that it has 7 bytes after 1048583 were sent",
        refused(output(lying), digest, LARGE.length, LARGE));
    lies.has = LARGE.length;
    lies.digest = "other";
    assertEquals(
        "output 2: blob " + digest + ": the client says that it has digest 'other'",
        refused(output(lying), digest, LARGE.length, LARGE));
  }
}
