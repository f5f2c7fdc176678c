package dev.jbuild.session;

import java.io.IOException;
import java.nio.channels.ByteChannel;

/** Gives steps the user's ssh agents: keys stay with the client, a step has things signed. */
public interface SshAgents {

  /** A client that offers none. */
  SshAgents NONE =
      new SshAgents() {
        @Override
        public boolean offers(String id) {
          return false;
        }

        @Override
        public ByteChannel connect(String id) throws IOException {
          throw new IOException("ssh agent '" + id + "' is not offered by this client");
        }
      };

  /** Whether there is an agent of this id; {@code default} is the usual one. */
  boolean offers(String id);

  /**
   * Connects to an agent. The caller closes the channel, which another thread may do, too, to end a
   * read.
   */
  ByteChannel connect(String id) throws IOException;
}
