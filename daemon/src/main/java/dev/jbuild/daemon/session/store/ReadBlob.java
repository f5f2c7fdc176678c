package dev.jbuild.daemon.session.store;

import containerd.services.content.v1.ContentGrpc;
import containerd.services.content.v1.ReadContentRequest;
import containerd.services.content.v1.ReadContentResponse;
import dev.jbuild.daemon.session.sync.ClientFailures;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Digest;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.Iterator;

/**
 * A blob of a client as it comes; at most one message of it is held. The call begins here and ends
 * when this is closed. For one thread.
 */
final class ReadBlob extends InputStream {
  private final String what;
  private final Context.CancellableContext context = Context.current().withCancellation();
  private final Iterator<ReadContentResponse> messages;
  private InputStream data = InputStream.nullInputStream();
  private long next;

  ReadBlob(ContentGrpc.ContentBlockingStub stub, String store, Digest digest) {
    what = "oci layout '" + store + "': blob " + digest;
    var request = ReadContentRequest.newBuilder().setDigest(digest.toString()).build();
    Context before = context.attach();
    try {
      messages = stub.read(request);
    } finally {
      context.detach(before);
    }
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    int count = data.read(into, offset, length);
    while (count <= 0) {
      if (!advance()) {
        return -1;
      }
      count = data.read(into, offset, length);
    }
    return count;
  }

  private boolean advance() throws IOException {
    try {
      if (!messages.hasNext()) {
        return false;
      }
      ReadContentResponse message = messages.next();
      if (message.getOffset() != next) {
        throw new BuildException(
            Code.DATA_LOSS,
            what
                + ": the client sent the bytes at "
                + message.getOffset()
                + " where those at "
                + next
                + " are due");
      }
      data = message.getData().newInput();
      next += message.getData().size();
      return true;
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
        var missing = new NoSuchFileException(what);
        missing.initCause(e);
        throw missing;
      }
      throw ClientFailures.of(what, e);
    }
  }

  @Override
  public void close() {
    context.cancel(null);
  }
}
