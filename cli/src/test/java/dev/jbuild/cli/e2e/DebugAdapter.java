package dev.jbuild.cli.e2e;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An editor's side of the debug adapter protocol on a program's standard streams. Its lock guards
 * what has come.
 */
final class DebugAdapter implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String LENGTH = "Content-Length: ";
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final int LINE_BYTES = 1_000;
  private static final int MESSAGE_BYTES = 1 << 20;

  private final Process process;
  private final OutputStream requests;
  private final List<JsonNode> heard = new ArrayList<>();
  private final Set<JsonNode> taken = new HashSet<>();
  private boolean ended;
  private int sent;

  private DebugAdapter(Process process) {
    this.process = process;
    this.requests = process.getOutputStream();
  }

  /** Talks to a program until it is closed. */
  static DebugAdapter of(Process process) {
    var adapter = new DebugAdapter(process);
    Thread.ofVirtual().name("debug adapter").start(adapter::listen);
    return adapter;
  }

  Process process() {
    return process;
  }

  private void listen() {
    try (var in = new DataInputStream(process.getInputStream())) {
      while (true) {
        add(message(in));
      }
    } catch (IOException end) {
      synchronized (this) {
        ended = true;
        notifyAll();
      }
    }
  }

  private synchronized void add(JsonNode message) {
    heard.add(message);
    notifyAll();
  }

  private static JsonNode message(DataInputStream in) throws IOException {
    int length = 0;
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      if (line.startsWith(LENGTH)) {
        length = Integer.parseInt(line.substring(LENGTH.length()));
      }
    }
    if (length <= 0 || length > MESSAGE_BYTES) {
      throw new IOException("a message of " + length + " bytes");
    }
    return JSON.readTree(in.readNBytes(length));
  }

  private static String line(InputStream in) throws IOException {
    var line = new StringBuilder();
    while (line.length() < LINE_BYTES) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException();
      }
      if (next == '\n') {
        return line.toString().strip();
      }
      line.append((char) next);
    }
    throw new IOException("a header of more than " + LINE_BYTES + " bytes");
  }

  /** Asks, and waits for the answer, which must be good; gives its body. */
  JsonNode ask(String command, Object arguments) throws Exception {
    int seq = ++sent;
    byte[] body =
        JSON.writeValueAsBytes(
            Map.of("seq", seq, "type", "request", "command", command, "arguments", arguments));
    requests.write((LENGTH + body.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    requests.write(body);
    requests.flush();
    JsonNode answer =
        await(
            "an answer to " + command,
            one -> is(one, "response", "command", command) && seq == number(one, "request_seq"));
    if (!answer.path("success").asBoolean()) {
      throw new AssertionError(command + ": " + answer);
    }
    return answer.path("body");
  }

  /** Waits for an event, each of which is given once; gives its body. */
  JsonNode event(String name) throws Exception {
    return await("the event " + name, one -> is(one, "event", "event", name)).path("body");
  }

  private static boolean is(JsonNode message, String type, String field, String value) {
    return message.path("type").asString().equals(type)
        && message.path(field).asString().equals(value);
  }

  private static int number(JsonNode message, String field) {
    return message.path(field).asInt();
  }

  private synchronized JsonNode await(String what, Predicate<JsonNode> wanted) throws Exception {
    long start = System.nanoTime();
    while (true) {
      for (JsonNode each : heard) {
        if (!taken.contains(each) && wanted.test(each)) {
          taken.add(each);
          return each;
        }
      }
      long left = LIMIT_NANOS - (System.nanoTime() - start);
      if (ended || left <= 0) {
        throw new AssertionError(what + " does not come: " + heard);
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
  }

  @Override
  public void close() throws IOException {
    requests.close();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
