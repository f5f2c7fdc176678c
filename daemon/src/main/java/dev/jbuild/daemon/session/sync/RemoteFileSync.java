package dev.jbuild.daemon.session.sync;

import dev.jbuild.session.FileSync;
import fsutil.types.Packet;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import moby.filesync.v1.FileSyncGrpc;

/**
 * The client's directories over its session. Source: reference wire-session, section 5. Safe for
 * use by several threads.
 */
public final class RemoteFileSync implements FileSync {
  private static final MethodDescriptor<Packet, ArrivedPacket> METHOD =
      FileSyncGrpc.getDiffCopyMethod().toBuilder(
              ProtoUtils.marshaller(Packet.getDefaultInstance()), new ArrivalMarshaller())
          .build();

  /** What a walk does with a packet does not block. */
  private static final CallOptions OPTIONS = CallOptions.DEFAULT.withExecutor(Runnable::run);

  private final Channel client;
  private final String sharedKey;

  /**
   * @param sharedKey what the client's session says of its directories, or empty
   */
  public RemoteFileSync(Channel client, String sharedKey) {
    this.client = client;
    this.sharedKey = sharedKey;
  }

  @Override
  public String identity(String name) {
    return sharedKey;
  }

  /** Asks for the walk; what the client says to it comes with the walk's first entry. */
  @Override
  public Walk open(String name, Filter filter) {
    var headers = new Metadata();
    put(headers, "dir-name", List.of(name));
    put(headers, "include-patterns", filter.includePatterns());
    put(headers, "exclude-patterns", filter.excludePatterns());
    put(headers, "followpaths", filter.followPaths());
    Channel named =
        ClientInterceptors.intercept(client, MetadataUtils.newAttachHeadersInterceptor(headers));
    var walk = new PacketWalk("the client's directory '" + name + "'");
    ClientCalls.asyncBidiStreamingCall(named.newCall(METHOD, OPTIONS), walk.calling());
    return walk;
  }

  private static void put(Metadata headers, String name, List<String> values) {
    boolean plain = values.stream().allMatch(RemoteFileSync::isPlain);
    var key = Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    for (String value : values) {
      headers.put(key, plain ? value : URLEncoder.encode(value, StandardCharsets.UTF_8));
    }
    if (!plain) {
      headers.put(Metadata.Key.of(name + "-encoded", Metadata.ASCII_STRING_MARSHALLER), "1");
    }
  }

  private static boolean isPlain(String value) {
    return value.chars().allMatch(c -> c >= ' ' && c < 0x7f);
  }
}
