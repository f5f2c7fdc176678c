package dev.jbuild.cli.e2e;

import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** Services on this machine's addresses; all end when this is closed. */
final class HostServices implements AutoCloseable {
  private static final int BACKLOG = 50;
  private static final int DATAGRAM_BYTES = 1500;

  private final List<Closeable> opened = new ArrayList<>();

  /** A port of the loopback that nobody uses now. */
  static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Serves one text at {@code http://localhost:PORT/health} and gives the port. */
  int http(String answer) throws IOException {
    return http("127.0.0.1", 0, answer);
  }

  /** The same at an address and a port, 0 for any. */
  int http(String address, int port, String answer) throws IOException {
    return serve(address, port, () -> answer);
  }

  /** The same with an answer that is made when it is asked for. */
  int ask(Callable<String> answer) throws IOException {
    return serve("127.0.0.1", 0, answer);
  }

  private int serve(String address, int port, Callable<String> answer) throws IOException {
    var server =
        HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral(address), port), BACKLOG);
    server.createContext(
        "/health",
        exchange -> {
          byte[] body;
          try {
            body = answer.call().getBytes(StandardCharsets.UTF_8);
          } catch (Exception e) {
            throw new IOException(e);
          }
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    opened.add(() -> server.stop(0));
    return server.getAddress().getPort();
  }

  /** Greets whoever connects with a text and the peer's address, and gives the port. */
  int tcp(String address, String greeting) throws IOException {
    var server = new ServerSocket(0, BACKLOG, InetAddress.ofLiteral(address));
    opened.add(server);
    Thread.ofPlatform().daemon().start(() -> greet(server, greeting));
    return server.getLocalPort();
  }

  private static void greet(ServerSocket server, String greeting) {
    try {
      while (true) {
        try (var peer = server.accept()) {
          String text = greeting + " " + peer.getInetAddress().getHostAddress() + "\n";
          peer.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        }
      }
    } catch (IOException e) {
      // The end of the test.
    }
  }

  /** Sends each datagram back, after a text, and gives the port. */
  int udp(String address, String greeting) throws IOException {
    var socket = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral(address), 0));
    opened.add(socket);
    Thread.ofPlatform().daemon().start(() -> echo(socket, greeting));
    return socket.getLocalPort();
  }

  private static void echo(DatagramSocket socket, String greeting) {
    try {
      while (true) {
        var packet = new DatagramPacket(new byte[DATAGRAM_BYTES], DATAGRAM_BYTES);
        socket.receive(packet);
        String text =
            greeting
                + " "
                + new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
        byte[] answer = text.getBytes(StandardCharsets.UTF_8);
        socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
      }
    } catch (IOException e) {
      // The end of the test.
    }
  }

  @Override
  public void close() throws IOException {
    for (Closeable service : opened.reversed()) {
      service.close();
    }
  }
}
