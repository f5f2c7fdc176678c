package dev.jbuild.daemon.session;

import dev.jbuild.daemon.session.sync.ClientFailures;
import dev.jbuild.session.Uploads;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import moby.upload.v1.BytesMessage;
import moby.upload.v1.UploadGrpc;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that a client offers once, as they come; at most one message of them is held. For one
 * thread. Source: reference wire-session, section 3.
 */
final class RemoteUpload extends InputStream {
  private final String what;
  private final BlockingClientCall<BytesMessage, BytesMessage> call;
  private InputStream data = InputStream.nullInputStream();

  private RemoteUpload(String what, BlockingClientCall<BytesMessage, BytesMessage> call) {
    this.what = what;
    this.call = call;
  }

  /**
   * Asks for them.
   *
   * @param path of the URL, with its slash
   */
  static RemoteUpload open(Channel client, String path) {
    var headers = new Metadata();
    var ascii = Metadata.ASCII_STRING_MARSHALLER;
    headers.put(Metadata.Key.of("urlpath", ascii), path);
    headers.put(Metadata.Key.of("urlhost", ascii), Uploads.HOST);
    Channel named =
        ClientInterceptors.intercept(client, MetadataUtils.newAttachHeadersInterceptor(headers));
    var call = UploadGrpc.newBlockingV2Stub(named).pull();
    call.halfClose();
    return new RemoteUpload("the client's upload '" + path + "'", call);
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
      BytesMessage message = next();
      if (message == null) {
        return -1;
      }
      data = message.getData().newInput();
      count = data.read(into, offset, length);
    }
    return count;
  }

  private @Nullable BytesMessage next() throws IOException {
    try {
      return call.read();
    } catch (StatusException e) {
      throw ClientFailures.of(what, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      var interrupted = new InterruptedIOException(what + ": cancelled");
      interrupted.initCause(e);
      throw interrupted;
    }
  }

  @Override
  public void close() {
    call.cancel("no more is read", null);
  }
}
