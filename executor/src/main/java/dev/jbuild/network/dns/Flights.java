package dev.jbuild.network.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The UDP questions of one step that are being asked: equal ones are asked once. Safe for use by
 * several threads.
 */
final class Flights {
  private static final System.Logger LOG = System.getLogger(Flights.class.getName());
  private static final int MAX_WAITERS = 64;

  private final Map<String, Flight> flights = new HashMap<>();

  /** Where an answer goes, and under which id. */
  record Waiter(DatagramChannel channel, InetSocketAddress address, int id) {
    /** Sends an answer; one that cannot be sent is lost like a packet on its way. */
    void send(byte[] message) {
      try {
        channel.send(ByteBuffer.wrap(message), address);
      } catch (IOException e) {
        LOG.log(System.Logger.Level.DEBUG, "dns: no answer to " + address, e);
      }
    }
  }

  /** One question that is being asked. Its fields belong to the lock of the flights. */
  static final class Flight {
    private final String key;
    private final List<Waiter> waiters = new ArrayList<>();
    private int asked;

    private Flight(String key) {
      this.key = key;
    }
  }

  /**
   * A flight of the callers own, which it has to {@link #land}, or null when there is one already:
   * then the answer goes to this waiter too, unless too many wait.
   */
  synchronized @Nullable Flight join(Question question, Waiter waiter) {
    String key = question.withoutId();
    var present = flights.get(key);
    var flight = present == null ? new Flight(key) : present;
    flight.asked++;
    if (flight.waiters.size() < MAX_WAITERS && !flight.waiters.contains(waiter)) {
      flight.waiters.add(waiter);
    }
    if (present == null) {
      flights.put(key, flight);
      return flight;
    }
    return null;
  }

  /** How often the step asked so far. */
  synchronized int asked(Flight flight) {
    return flight.asked;
  }

  /** Ends the flight and gives those who wait. */
  synchronized List<Waiter> land(Flight flight) {
    flights.remove(flight.key);
    return List.copyOf(flight.waiters);
  }
}
