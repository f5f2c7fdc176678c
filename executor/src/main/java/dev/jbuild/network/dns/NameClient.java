package dev.jbuild.network.dns;

import dev.jbuild.netplan.DnsSettings;
import dev.jbuild.network.dns.Flights.Waiter;
import dev.jbuild.network.ledger.Lookup;
import dev.jbuild.network.ledger.Refusal;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Rcode;

/**
 * A step that may ask for names, from when it is registered until it is closed. Safe for use by
 * several threads.
 */
public final class NameClient implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(NameClient.class.getName());
  private static final int MAX_AT_ONCE = 256;

  private final NameServer server;
  private final List<InetAddress> addresses;
  private final DnsSettings settings;
  private final NameWatch watch;
  private final Journal journal = new Journal();
  private final Flights flights = new Flights();
  private final Semaphore permits = new Semaphore(MAX_AT_ONCE);
  private final ReentrantLock telling = new ReentrantLock();
  private boolean closed;

  NameClient(
      NameServer server, List<InetAddress> addresses, DnsSettings settings, NameWatch watch) {
    this.server = server;
    this.addresses = List.copyOf(addresses);
    this.settings = settings;
    this.watch = watch;
  }

  /** The text of the step's {@code /etc/resolv.conf}, as things are now. */
  public String resolvConf() {
    return server.resolvConf(settings);
  }

  /** What was asked so far, in the order of the first questions; at most 1000 different ones. */
  public List<Lookup> lookups() {
    return journal.lookups();
  }

  /** How many questions were asked that {@link #lookups} does not tell of. */
  public int lookupsNotKept() {
    return journal.missed();
  }

  /** Names that the watch refused, at most 256. */
  public List<Refusal> refusals() {
    return journal.refusals();
  }

  /** The names that were asked for, by the addresses in the answers; at most 4096. */
  public Map<InetAddress, String> names() {
    return journal.names();
  }

  List<InetAddress> addresses() {
    return addresses;
  }

  /** How many questions may still begin. */
  Semaphore permits() {
    return permits;
  }

  /** Answers a question that came by UDP, to all who wait for the same. */
  void answer(Question question, Waiter waiter) {
    byte[] immediate = immediate(question);
    if (immediate != null) {
      waiter.send(immediate);
      return;
    }
    var flight = flights.join(question, waiter);
    if (flight == null) {
      return;
    }
    Forwarder.Reply reply = null;
    try {
      reply = server.ask(settings, question, server.udp());
      reply = tell(question, reply, flights.asked(flight));
    } finally {
      for (Waiter each : flights.land(flight)) {
        if (reply != null) {
          each.send(fitting(question, reply, each.id()));
        }
      }
    }
  }

  /** The answer to a question that came by TCP; null when the step has gone. */
  byte @Nullable [] answer(Question question) {
    byte[] immediate = immediate(question);
    if (immediate != null) {
      return immediate;
    }
    var reply = tell(question, server.ask(settings, question, server.tcp()), 1);
    if (reply == null) {
      return null;
    }
    var answer = reply.answer();
    return answer == null ? question.failure(Rcode.SERVFAIL) : answer.withId(question.id());
  }

  private byte @Nullable [] immediate(Question question) {
    if (question.errorCode() != Rcode.NOERROR) {
      return question.failure(question.errorCode());
    }
    String rule = watch.refusal(question.name());
    if (rule == null) {
      return null;
    }
    journal.add(question, List.of(), "REFUSED", "", 1);
    if (isOnTheWay(question.name())) {
      return question.failure(Rcode.NXDOMAIN);
    }
    journal.refused(question.name(), rule);
    return question.failure(Rcode.REFUSED);
  }

  /**
   * Whether a refused name is one that may be asked for, with a domain of the search list after it.
   * The step's library tries those first where {@code ndots} says so, and would give up at a
   * refusal before it comes to the name that the step means.
   */
  private boolean isOnTheWay(String name) {
    for (String domain : server.search(settings)) {
      String end = "." + domain.toLowerCase(Locale.ROOT);
      String below = end.endsWith(".") ? end.substring(0, end.length() - 1) : end;
      boolean inDomain = below.length() > 1 && name.endsWith(below);
      String meant = inDomain ? name.substring(0, name.length() - below.length()) : "";
      if (meant.indexOf('.') > 0 && watch.refusal(meant) == null) {
        return true;
      }
    }
    return false;
  }

  /**
   * Notes what came, before the step knows; what the watch could not take is kept from it. Null
   * when the step has gone: its address may be somebody else's by now.
   */
  private Forwarder.@Nullable Reply tell(Question question, Forwarder.Reply reply, int times) {
    telling.lock();
    try {
      if (closed) {
        return null;
      }
      var answer = reply.answer();
      List<String> values = answer == null ? List.of() : answer.values();
      journal.add(question, values, reply.outcome(), reply.resolver(), times);
      if (answer != null && !answer.addresses().isEmpty()) {
        journal.learned(question.name(), answer.addresses());
        watch.learned(question.name(), answer.addresses(), answer.ttlSeconds());
      }
      return reply;
    } catch (RuntimeException bug) {
      LOG.log(System.Logger.Level.ERROR, "dns: an answer is kept back", bug);
      return new Forwarder.Reply(null, "SERVFAIL", reply.resolver());
    } finally {
      telling.unlock();
    }
  }

  private static byte[] fitting(Question question, Forwarder.Reply reply, int id) {
    var answer = reply.answer();
    byte[] message;
    if (answer == null) {
      message = question.failure(Rcode.SERVFAIL);
      Question.setId(message, id);
    } else {
      message = answer.withId(id);
      if (answer.sizeBytes() > question.udpBytes()) {
        message = question.truncated(message);
        Question.setId(message, id);
      }
    }
    return message;
  }

  /** The step is gone: from now on its addresses are nobody's. */
  @Override
  public void close() {
    server.remove(this);
    telling.lock();
    try {
      closed = true;
    } finally {
      telling.unlock();
    }
  }
}
