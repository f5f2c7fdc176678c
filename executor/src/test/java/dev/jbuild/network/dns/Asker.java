package dev.jbuild.network.dns;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/** What a step's library does: asks one server, by UDP and TCP. */
final class Asker implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 10_000;
  private static final int INSISTING_MILLIS = 500;
  private static final int INSISTING_TRIES = 10;

  private final DatagramSocket socket;
  private final InetSocketAddress server;

  Asker(String own, InetAddress server, int port) throws IOException {
    this.server = new InetSocketAddress(server, port);
    socket = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral(own), 0));
    socket.setSoTimeout(PATIENCE_MILLIS);
  }

  static Message question(String name, String type) throws IOException {
    return Message.newQuery(
        Record.newRecord(Name.fromString(name, Name.root), Type.value(type), DClass.IN));
  }

  void send(byte[] question) throws IOException {
    socket.send(new DatagramPacket(question, question.length, server));
  }

  /** The next packet, whatever it answers. */
  byte[] receive() throws IOException {
    byte[] buffer = new byte[65_535];
    var packet = new DatagramPacket(buffer, buffer.length);
    socket.receive(packet);
    return Arrays.copyOf(buffer, packet.getLength());
  }

  Message udp(Message question) throws IOException {
    send(question.toWire());
    return new Message(receive());
  }

  /** As libraries do where packets are lost: up to ten times with half a second's patience. */
  Message insist(String name, String type) throws IOException {
    var question = question(name, type);
    socket.setSoTimeout(INSISTING_MILLIS);
    for (int tries = 1; ; tries++) {
      try {
        var answer = udp(question);
        if (answer.getHeader().getID() == question.getHeader().getID()) {
          return answer;
        }
      } catch (SocketTimeoutException e) {
        if (tries == INSISTING_TRIES) {
          throw e;
        }
      }
    }
  }

  Message udp(String name, String type) throws IOException {
    return udp(question(name, type));
  }

  Message tcp(Message question) throws IOException {
    try (var connection = connect()) {
      tell(connection, question.toWire());
      return new Message(hear(connection));
    }
  }

  Socket connect() throws IOException {
    var connection = new Socket();
    connection.bind(new InetSocketAddress(socket.getLocalAddress(), 0));
    connection.setSoTimeout(PATIENCE_MILLIS);
    connection.connect(server, PATIENCE_MILLIS);
    return connection;
  }

  static void tell(Socket connection, byte[] question) throws IOException {
    var out = new DataOutputStream(connection.getOutputStream());
    byte[] framed = new byte[question.length + 2];
    framed[0] = (byte) (question.length >> 8);
    framed[1] = (byte) question.length;
    System.arraycopy(question, 0, framed, 2, question.length);
    out.write(framed);
  }

  static byte[] hear(Socket connection) throws IOException {
    var in = new DataInputStream(connection.getInputStream());
    return in.readNBytes(in.readUnsignedShort());
  }

  @Override
  public void close() {
    socket.close();
  }
}
