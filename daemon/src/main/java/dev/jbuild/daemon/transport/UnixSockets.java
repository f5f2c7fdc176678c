package dev.jbuild.daemon.transport;

import dev.jbuild.daemon.config.ListenAddress;
import dev.jbuild.daemon.config.ServerConfig.SocketOwner;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import io.grpc.ServerCredentials;
import io.grpc.netty.InternalNettyServerCredentials;
import io.netty.channel.ServerChannel;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;

/** Unix sockets on the file system, and the one that a service manager hands over. */
public final class UnixSockets {
  private UnixSockets() {}

  /** A listening socket that is not bound yet. */
  public static ServerChannel open() {
    try {
      return new UnixServerChannel(ServerSocketChannel.open(StandardProtocolFamily.UNIX));
    } catch (IOException e) {
      throw new IllegalStateException("a Unix socket can not be made", e);
    }
  }

  /** A listening socket that is bound already. */
  public static ServerChannel over(ServerSocketChannel bound) {
    return new UnixServerChannel(bound);
  }

  /** For servers at such sockets, which tell who connects, and for others without TLS. */
  public static ServerCredentials credentials(Connections connections) {
    return InternalNettyServerCredentials.create(new PlainNegotiator(connections));
  }

  /**
   * Gives a socket to its owner.
   *
   * @throws BuildException INVALID when the group is not there
   */
  public static void own(Path socket, SocketOwner owner) throws IOException {
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw----"));
    Integer uid = owner.uid();
    if (uid != null) {
      Files.setAttribute(socket, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
    }
    if (!owner.group().isEmpty()) {
      Files.getFileAttributeView(socket, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
          .setGroup(group(owner.group()));
    }
  }

  private static GroupPrincipal group(String name) {
    try {
      return FileSystems.getDefault()
          .getUserPrincipalLookupService()
          .lookupPrincipalByGroupName(name);
    } catch (IOException e) {
      throw new BuildException(
          Code.INVALID,
          "--group: there is no group '" + name + "': make it with 'groupadd " + name + "'",
          e);
    }
  }

  /** Refuses an address where somebody answers. */
  public static void refuseLive(ListenAddress.Unix unix) {
    try (var probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      if (probe.connect(UnixDomainSocketAddress.of(unix.path()))) {
        throw new BuildException(
            Code.UNAVAILABLE, "address '" + unix + "': another process serves there");
      }
    } catch (IOException e) {
      // Nobody answers: a left-over, if anything, which the rename replaces.
    }
  }

  /**
   * The socket that the service manager has opened, which the launcher puts at descriptor 0: the
   * JDK reads no other one. Source: sd_listen_fds(3).
   *
   * @throws BuildException INVALID when there is none
   */
  public static ServerSocketChannel activated() throws IOException {
    Channel inherited = System.inheritedChannel();
    if (inherited instanceof ServerSocketChannel socket) {
      return socket;
    }
    throw new BuildException(
        Code.INVALID,
        "address 'fd://': no listening socket was handed over; start the daemon from a .socket"
            + " unit with one ListenStream, by the launcher jbuildd");
  }
}
