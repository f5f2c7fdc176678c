package dev.jbuild.daemon.session.tunnel;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.local.LocalChannel;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Settings;

/**
 * Tells the other end of a tunnel that it may send large frames: gRPC has no option for it, and
 * takes 16 KiB. Who sends smaller ones may go on so. It is told when the greeting is acknowledged
 * and not before: Go acknowledges two settings that come together once, and sends large frames then
 * that we would not take yet. Source: RFC 9113, sections 6.5.2 (SETTINGS_MAX_FRAME_SIZE) and 6.5.3.
 */
final class LargeFrames extends ChannelOutboundHandlerAdapter {
  /** A frame is read when it is whole: so much of one may lie there unread. */
  private static final int FRAME_BYTES = 64 << 10;

  private LargeFrames() {}

  /** To be used before the channel is registered. */
  static LocalChannel on(LocalChannel channel) {
    channel.pipeline().addLast(new LargeFrames());
    return channel;
  }

  /** The first that is written is the greeting. */
  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    ChannelHandlerContext http2 = context.pipeline().context(Http2ConnectionHandler.class);
    if (http2 != null) {
      var handler = (Http2ConnectionHandler) http2.handler();
      handler.decoder().frameListener(new Acknowledged(handler));
      context.pipeline().remove(this);
    }
    var ignored = context.write(message, promise);
  }

  /** Stands before gRPC's listener until then. */
  private static final class Acknowledged extends Http2FrameListenerDecorator {
    private final Http2ConnectionHandler handler;

    Acknowledged(Http2ConnectionHandler handler) {
      super(handler.decoder().frameListener());
      this.handler = handler;
    }

    @Override
    public void onSettingsAckRead(ChannelHandlerContext http2) throws Http2Exception {
      Http2ConnectionDecoder decoder = handler.decoder();
      decoder.frameListener(listener);
      listener.onSettingsAckRead(http2);
      var settings = new Http2Settings().maxFrameSize(FRAME_BYTES);
      var ignored = handler.encoder().writeSettings(http2, settings, http2.newPromise());
      http2.flush();
    }
  }
}
