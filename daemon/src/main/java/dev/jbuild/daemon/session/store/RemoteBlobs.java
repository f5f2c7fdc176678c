package dev.jbuild.daemon.session.store;

import com.google.protobuf.ByteString;
import containerd.services.content.v1.ContentGrpc;
import containerd.services.content.v1.WriteAction;
import containerd.services.content.v1.WriteContentRequest;
import containerd.services.content.v1.WriteContentResponse;
import dev.jbuild.daemon.session.sync.ClientFailures;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Digest;
import dev.jbuild.session.OutputSink;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Writes blobs into the layout that an output of the client is, one call a blob, each message of
 * which the client answers. Source: reference wire-session, section 7.
 */
public final class RemoteBlobs implements OutputSink.Blobs {
  /** Well below the 4 MiB that clients take in one message. */
  private static final int CHUNK_BYTES = 1 << 20;

  private final ContentGrpc.ContentBlockingV2Stub client;
  private final int exporter;

  /**
   * @param client calls the client's services
   */
  public RemoteBlobs(Channel client, int exporter) {
    this.client = ContentGrpc.newBlockingV2Stub(StoreNames.export(client, exporter));
    this.exporter = exporter;
  }

  @Override
  public void put(Digest digest, long sizeBytes, Bytes bytes)
      throws IOException, InterruptedException {
    String what = "output " + exporter + ": blob " + digest;
    BlockingClientCall<WriteContentRequest, WriteContentResponse> call = client.write();
    try {
      new Sending(what, call, digest, sizeBytes).send(bytes);
    } catch (StatusException e) {
      if (e.getStatus().getCode() != Status.Code.ALREADY_EXISTS) {
        throw ClientFailures.of(what, e);
      }
    } finally {
      call.cancel("the blob is written or given up", null);
    }
  }

  /** One blob on its way. */
  private record Sending(
      String what,
      BlockingClientCall<WriteContentRequest, WriteContentResponse> call,
      Digest digest,
      long sizeBytes) {

    private WriteContentRequest.Builder message(WriteAction action, long offset) {
      return WriteContentRequest.newBuilder()
          .setAction(action)
          .setRef("jbuild-" + digest.hex())
          .setTotal(sizeBytes)
          .setExpected(digest.toString())
          .setOffset(offset);
    }

    void send(OutputSink.Blobs.Bytes bytes)
        throws IOException, InterruptedException, StatusException {
      // What a client has kept of an attempt that broke off is not sent again.
      long at = asked(message(WriteAction.STAT, 0)).getOffset();
      if (at < 0 || at > sizeBytes) {
        throw wrong("it has " + at + " of " + sizeBytes + " bytes");
      }
      try (InputStream in = bytes.open()) {
        in.skipNBytes(at);
        while (at < sizeBytes) {
          byte[] part = in.readNBytes((int) Math.min(CHUNK_BYTES, sizeBytes - at));
          if (part.length == 0) {
            throw new EOFException(what + " is shorter than " + sizeBytes + " bytes");
          }
          var message = message(WriteAction.WRITE, at).setData(ByteString.copyFrom(part));
          at += part.length;
          long said = asked(message).getOffset();
          if (said != at) {
            throw wrong("it has " + said + " bytes after " + at + " were sent");
          }
        }
      }
      String said = asked(message(WriteAction.COMMIT, at)).getDigest();
      if (!said.equals(digest.toString())) {
        throw wrong("it has digest '" + said + "'");
      }
    }

    private WriteContentResponse asked(WriteContentRequest.Builder message)
        throws InterruptedException, StatusException {
      // A call that the client has ended takes nothing; its status is what is read then.
      call.write(message.build());
      WriteContentResponse answer = call.read();
      if (answer == null) {
        throw wrong("it ended the call before it had all");
      }
      return answer;
    }

    private BuildException wrong(String why) {
      return new BuildException(Code.FAILED, what + ": the client says that " + why);
    }
  }
}
