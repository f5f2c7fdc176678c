package dev.jbuild.daemon.session.tunnel;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.local.LocalChannel;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Settings;

/**
 * Tells the other end of a tunnel that it may send large frames, as soon as this end has greeted:
 * gRPC has no option for it, and takes 16 KiB. Go's clients stay with that, which they may. Source:
 * RFC 9113, sections 6.5.2 (SETTINGS_MAX_FRAME_SIZE) and 6.5.3.
 */
final class LargeFrames extends ChannelOutboundHandlerAdapter {
  /** A frame is read when it is whole: so much of one may lie there unread. */
  private static final int FRAME_BYTES = 64 << 10;

  private boolean told;

  private LargeFrames() {}

  /** To be used before the channel is registered. */
  static LocalChannel on(LocalChannel channel) {
    channel.pipeline().addLast(new LargeFrames());
    return channel;
  }

  /** The first that is written is the greeting. */
  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (!told) {
      told = true;
      context.executor().execute(() -> tell(context.pipeline()));
    }
    var ignored = context.write(message, promise);
  }

  private static void tell(ChannelPipeline pipeline) {
    ChannelHandlerContext http2 = pipeline.context(Http2ConnectionHandler.class);
    if (http2 == null) {
      return; // closed meanwhile
    }
    var settings = new Http2Settings().maxFrameSize(FRAME_BYTES);
    var handler = (Http2ConnectionHandler) http2.handler();
    var ignored = handler.encoder().writeSettings(http2, settings, http2.newPromise());
    http2.flush();
  }
}
