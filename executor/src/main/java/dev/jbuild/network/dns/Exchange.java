package dev.jbuild.network.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;

/** One question to one resolver. Safe for use by several threads. */
interface Exchange {

  /**
   * @throws SocketTimeoutException when no answer came in time
   */
  Answer ask(InetSocketAddress server, Question question, int timeoutMillis) throws IOException;
}
