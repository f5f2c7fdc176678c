package dev.jbuild.network.dns;

import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks over a step's questions. Names are in lower case, without the dot at the end; characters
 * that no host name has are written as in zone files ({@code \032}). Called by several threads at
 * once, except {@link #learned}, which is called by one after the other and never after {@link
 * NameClient#close} has returned.
 */
public interface NameWatch {

  /** Lets everything through. */
  NameWatch NONE =
      new NameWatch() {
        @Override
        public @Nullable String refusal(String name) {
          return null;
        }

        @Override
        public void learned(String name, List<InetAddress> addresses, int ttlSeconds) {}
      };

  /** The text of the rule by which the name is not asked for, or null. */
  @Nullable String refusal(String name);

  /**
   * Called before an answer with addresses goes to the step.
   *
   * @param name that was asked for, whatever it is an alias of
   * @param addresses not empty
   * @param ttlSeconds how long the step may keep them, not negative
   */
  void learned(String name, List<InetAddress> addresses, int ttlSeconds);
}
