package dev.jbuild.cli;

import dev.jbuild.cli.build.UsageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * {@code jbuild dial-stdio}: standard input and output become a connection to the daemon. It ends
 * when the daemon ends the connection; the end of the input is passed on before that. Uses nothing
 * but the JDK, so that it starts fast.
 */
final class DialStdio {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final String HELP =
      """
      Usage: jbuild dial-stdio [--addr ADDRESS]

      Joins standard input and output with the daemon's socket. Clients start it where the daemon
      is: docker buildx in a container, for example.
      """;

  private final CliContext context;

  DialStdio(CliContext context) {
    this.context = context;
  }

  /** Runs until the daemon has ended the connection, and gives the exit code. */
  int run(String... args) {
    String address = null;
    try {
      for (int i = 0; i < args.length; i++) {
        if (args[i].equals("--help") || args[i].equals("-h")) {
          context.out().print(HELP);
          context.out().flush();
          return ExitCode.OK;
        }
        if (args[i].equals("--addr") && i + 1 < args.length) {
          address = args[++i];
        } else if (args[i].equals("--timeout") && i + 1 < args.length) {
          i++;
        } else if (args[i].startsWith("--addr=")) {
          address = args[i].substring("--addr=".length());
        } else {
          throw new UsageException("unknown argument '" + args[i] + "'");
        }
      }
      return join(DaemonAddress.required(address, context.env()));
    } catch (UsageException e) {
      context.err().println("error: " + e.getMessage());
      context.err().println("see 'jbuild dial-stdio --help'");
      context.err().flush();
      return ExitCode.USAGE;
    }
  }

  private int join(String address) {
    try (SocketChannel socket = open(address)) {
      Cancellation.Registration onCancel = context.cancellation().onCancel(() -> end(socket));
      try (onCancel) {
        Thread.ofVirtual().name("stdin").start(() -> send(socket));
        receive(socket);
      }
      return ExitCode.OK;
    } catch (IOException e) {
      context.err().println("error: the daemon at '" + address + "' does not answer: " + reason(e));
      context.err().flush();
      return ExitCode.UNAVAILABLE;
    }
  }

  private static String reason(IOException failure) {
    String message = failure.getMessage();
    return message == null ? failure.toString() : message;
  }

  private static SocketChannel open(String address) throws IOException {
    if (address.startsWith("unix://")) {
      var path = Path.of(address.substring("unix://".length()));
      return connected(
          SocketChannel.open(StandardProtocolFamily.UNIX), UnixDomainSocketAddress.of(path));
    }
    String rest = address.substring("tcp://".length());
    int colon = rest.lastIndexOf(':');
    try {
      String host = rest.substring(0, Math.max(0, colon)).replace("[", "").replace("]", "");
      int port = Integer.parseInt(rest.substring(colon + 1));
      return connected(SocketChannel.open(), new InetSocketAddress(host, port));
    } catch (IllegalArgumentException e) {
      throw new UsageException("--addr: want tcp://HOST:PORT, got '" + address + "'");
    }
  }

  private static SocketChannel connected(SocketChannel socket, SocketAddress address)
      throws IOException {
    try {
      socket.connect(address);
      return socket;
    } catch (UnresolvedAddressException e) {
      socket.close();
      throw new IOException("there is no such host", e);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private void send(SocketChannel socket) {
    byte[] buffer = new byte[BUFFER_BYTES];
    InputStream in = context.in();
    try {
      int count;
      while ((count = in.read(buffer)) >= 0) {
        ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, count);
        while (bytes.hasRemaining()) {
          socket.write(bytes);
        }
      }
      socket.shutdownOutput();
    } catch (IOException e) {
      // The daemon has ended the connection, and the other direction sees it too; or the input
      // broke, and then the connection is of no more use.
      end(socket);
    }
  }

  private void receive(SocketChannel socket) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    OutputStream out = context.out();
    while (read(socket, buffer) >= 0) {
      out.write(buffer.array(), 0, buffer.position());
      out.flush();
      if (context.out().checkError()) {
        return;
      }
      buffer.clear();
    }
  }

  /** A connection that is reset, or that this process has closed, is one that has ended. */
  private static int read(SocketChannel socket, ByteBuffer buffer) {
    try {
      return socket.read(buffer);
    } catch (IOException e) {
      return -1;
    }
  }

  private static void end(@Nullable SocketChannel socket) {
    try {
      if (socket != null) {
        socket.close();
      }
    } catch (IOException e) {
      // It is of no more use either way.
    }
  }
}
