package dev.jbuild.network.dns;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Tokenizer;
import org.xbill.DNS.Type;

/** A resolver on loopback that answers what a test says, by UDP and TCP at one port. */
final class FakeResolver implements AutoCloseable {
  /** What is answered to a question, or null for nothing. */
  interface Script {
    byte @Nullable [] answer(byte[] question, boolean tcp) throws IOException;
  }

  private static final int MAX_UDP = 65_535;

  private volatile @Nullable SocketAddress asker;
  private final DatagramSocket udp;
  private final ServerSocket tcp;
  private final Script script;
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<Thread> serving = new CopyOnWriteArrayList<>();

  private FakeResolver(DatagramSocket udp, ServerSocket tcp, Script script) {
    this.udp = udp;
    this.tcp = tcp;
    this.script = script;
  }

  /** One on loopback that answers with these records. */
  static FakeResolver onLoopback(String... records) throws IOException {
    return start("127.0.0.1", records(records));
  }

  /** At any port. */
  static FakeResolver start(String address, Script script) throws IOException {
    return open(address, 0, script).serve();
  }

  static FakeResolver start(String address, int port, Script script) throws IOException {
    return open(address, port, script).serve();
  }

  /** Only the sockets. */
  static FakeResolver open(String address, int port, Script script) throws IOException {
    for (int tries = 0; ; tries++) {
      var udp = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral(address), port));
      try {
        var tcp = new ServerSocket(udp.getLocalPort(), 50, InetAddress.ofLiteral(address));
        return new FakeResolver(udp, tcp, script);
      } catch (BindException e) {
        udp.close();
        if (tries > 20 || port != 0) {
          throw e;
        }
      }
    }
  }

  FakeResolver serve() {
    serving.add(Thread.ofVirtual().start(this::serveUdp));
    serving.add(Thread.ofVirtual().start(this::serveTcp));
    return this;
  }

  /** Answers with records of the question's name: {@code A 192.0.2.1}, {@code CNAME b.example.}. */
  static Script records(String... records) {
    return (question, tcp) -> answer(question, answer -> {}, records).toWire(MAX_UDP);
  }

  /** Answers with a code only. */
  static Script code(int code) {
    return (question, tcp) -> answer(question, it -> it.getHeader().setRcode(code)).toWire();
  }

  /** Answers nothing. */
  static Script silence() {
    return (question, tcp) -> null;
  }

  /** The change to make to an answer. */
  interface Change {
    void apply(Message answer);
  }

  /** Records are of the question's name, or begin with a name of their own that ends in a dot. */
  static Message answer(byte[] question, Change change, String... records) throws IOException {
    var asked = new Message(question);
    var answer = new Message(asked.getHeader().getID());
    answer.getHeader().setFlag(Flags.QR);
    answer.getHeader().setFlag(Flags.RA);
    answer.addRecord(asked.getQuestion(), Section.QUESTION);
    for (String text : records) {
      answer.addRecord(record(asked.getQuestion().getName(), text), Section.ANSWER);
    }
    change.apply(answer);
    return answer;
  }

  private static Record record(Name asked, String text) throws IOException {
    boolean named = text.substring(0, text.indexOf(' ')).endsWith(".");
    String rest = named ? text.substring(text.indexOf(' ') + 1) : text;
    Name owner = named ? Name.fromString(text.substring(0, text.indexOf(' '))) : asked;
    String[] words = rest.split(" ", 2);
    return Record.fromString(
        owner, Type.value(words[0]), 1, 60, new Tokenizer(words[1]), Name.root);
  }

  int port() {
    return udp.getLocalPort();
  }

  InetAddress address() {
    return udp.getLocalAddress();
  }

  /** Protocol and name of each question so far. */
  List<String> asked() {
    return asked;
  }

  /** How often it was asked so far. */
  int count() {
    return asked.size();
  }

  private void note(String protocol, byte[] question) {
    try {
      asked.add(protocol + " " + new Message(question).getQuestion().getName());
    } catch (IOException e) {
      asked.add(protocol + " broken");
    }
  }

  private void serveUdp() {
    byte[] buffer = new byte[MAX_UDP];
    try {
      while (true) {
        var packet = new DatagramPacket(buffer, buffer.length);
        udp.receive(packet);
        byte[] question = Arrays.copyOf(buffer, packet.getLength());
        note("udp", question);
        asker = packet.getSocketAddress();
        var from = packet.getSocketAddress();
        Thread.ofVirtual().start(() -> answerUdp(question, from));
      }
    } catch (IOException e) {
      // The end of the test.
    }
  }

  private void answerUdp(byte[] question, SocketAddress from) {
    try {
      byte[] answer = script.answer(question, false);
      if (answer != null) {
        send(answer, from);
      }
    } catch (IOException e) {
      // A broken question, or the end of the test.
    }
  }

  /** Who asked last by UDP. */
  SocketAddress asker() {
    return Objects.requireNonNull(asker);
  }

  /** One more packet to whoever asked last. */
  void reply(byte[] message) throws IOException {
    send(message, asker());
  }

  private void send(byte[] message, SocketAddress to) throws IOException {
    udp.send(new DatagramPacket(message, message.length, to));
  }

  private void serveTcp() {
    try {
      while (true) {
        Socket socket = tcp.accept();
        Thread.ofVirtual().start(() -> converse(socket));
      }
    } catch (IOException e) {
      // The end of the test.
    }
  }

  private void converse(Socket socket) {
    try (socket) {
      var in = new DataInputStream(socket.getInputStream());
      var out = new DataOutputStream(socket.getOutputStream());
      while (true) {
        byte[] question = in.readNBytes(in.readUnsignedShort());
        note("tcp", question);
        byte[] answer = script.answer(question, true);
        if (answer != null) {
          out.writeShort(answer.length);
          out.write(answer);
          out.flush();
        }
      }
    } catch (IOException e) {
      // The other side has gone.
    }
  }

  @Override
  public void close() throws IOException {
    udp.close();
    tcp.close();
    try {
      // A socket that a virtual thread waits at takes packets until that thread has gone.
      for (Thread each : serving) {
        each.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
