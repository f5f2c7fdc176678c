package dev.jbuild.daemon.debug;

import dev.jbuild.daemon.config.ListenAddress;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;

/** Health and metrics over HTTP/1.1, one answer a connection, on one thread. */
public final class DebugServer implements AutoCloseable {
  private static final int BODY_BYTES = 4096;
  private static final int IDLE_SECONDS = 10;
  private static final long END_MILLIS = 200;

  private final ListenAddress address;
  private final DebugPages pages;
  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  public DebugServer(ListenAddress address, Metrics metrics) {
    this.address = address;
    this.pages = new DebugPages(metrics);
  }

  /**
   * Begins to answer.
   *
   * @return the address as it is, with the port that was chosen
   * @throws BuildException FAILED when the address can not be used
   */
  public ListenAddress start() throws InterruptedException {
    try {
      return switch (address) {
        case ListenAddress.Unix unix -> {
          Files.deleteIfExists(unix.path());
          bind(UnixDomainSocketAddress.of(unix.path()), true);
          Files.setPosixFilePermissions(unix.path(), PosixFilePermissions.fromString("rw-rw----"));
          yield unix;
        }
        case ListenAddress.Tcp tcp -> {
          var bound = bind(new InetSocketAddress(tcp.host(), tcp.port()), false);
          yield new ListenAddress.Tcp(
              tcp.host(), ((InetSocketAddress) bound.localAddress()).getPort());
        }
        case ListenAddress.Activated activated ->
            throw new IllegalStateException("no socket is handed over for it");
      };
    } catch (IOException e) {
      throw new BuildException(
          Code.FAILED, "debug address '" + address + "': " + e.getMessage(), e);
    }
  }

  private Channel bind(SocketAddress where, boolean unix) throws IOException, InterruptedException {
    var bound =
        new ServerBootstrap()
            .group(loop)
            .channel(unix ? NioServerDomainSocketChannel.class : NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(new ReadTimeoutHandler(IDLE_SECONDS))
                        .addLast(new HttpServerCodec())
                        .addLast(new HttpObjectAggregator(BODY_BYTES))
                        .addLast(new Answers(pages));
                  }
                })
            .bind(where)
            .await();
    if (!bound.isSuccess()) {
      throw new IOException(bound.cause().getMessage(), bound.cause());
    }
    return bound.channel();
  }

  /** One for each connection. */
  private static final class Answers extends SimpleChannelInboundHandler<FullHttpRequest> {
    private final DebugPages pages;

    Answers(DebugPages pages) {
      this.pages = pages;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      String uri = request.uri();
      int query = uri.indexOf('?');
      DebugPages.Page page = pages.of(query < 0 ? uri : uri.substring(0, query));
      byte[] text = page.text().getBytes(StandardCharsets.UTF_8);
      var answer =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1,
              HttpResponseStatus.valueOf(page.status()),
              Unpooled.wrappedBuffer(text));
      answer
          .headers()
          .set(HttpHeaderNames.CONTENT_TYPE, page.type())
          .set(HttpHeaderNames.CONTENT_LENGTH, text.length)
          .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
      context.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      // A time that is over, or bytes that are no HTTP: the same end as after an answer.
      context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  @Override
  public void close() {
    if (address instanceof ListenAddress.Unix unix) {
      delete(unix.path());
    }
    if (!loop.shutdownGracefully(0, END_MILLIS, TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(END_MILLIS)) {
      System.getLogger(DebugServer.class.getName())
          .log(System.Logger.Level.DEBUG, "the debug address ends late");
    }
  }

  private static void delete(Path socket) {
    try {
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      System.getLogger(DebugServer.class.getName())
          .log(System.Logger.Level.WARNING, "socket " + socket + " stays behind", e);
    }
  }
}
