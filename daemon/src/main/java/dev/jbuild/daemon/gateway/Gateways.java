package dev.jbuild.daemon.gateway;

import dev.jbuild.daemon.build.BuildRun;
import dev.jbuild.daemon.build.ClientFrontends;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.frontend.FrontendRequest;
import dev.jbuild.frontend.FrontendResult;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The conversations of builds whose clients are their frontends, by the builds' refs; as many as
 * builds run. Its lock guards the table.
 */
public final class Gateways implements ClientFrontends {
  /** A build and the first call of its client come side by side. */
  private static final long WAIT_MILLIS = 3_000;

  private final Supplier<String> ids;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition added = lock.newCondition();
  private final Map<String, Gateway> open = new HashMap<>();

  /**
   * @param ids of refs: unguessable, never twice the same
   */
  public Gateways(Supplier<String> ids) {
    this.ids = ids;
  }

  @Override
  public Conversation open(String ref, FrontendRequest request) {
    var gateway = new Gateway(ref, request, new RefTable(ids));
    lock.lock();
    try {
      if (open.putIfAbsent(ref, gateway) != null) {
        throw new BuildException(Code.INVALID, "job ID " + ref + " exists");
      }
      added.signalAll();
    } finally {
      lock.unlock();
    }
    return new Registered(ref, gateway);
  }

  /** A conversation of a frontend that nobody finds; the caller ends it. */
  public Gateway unlisted(String ref, FrontendRequest request) {
    return new Gateway(ref, request, new RefTable(ids));
  }

  /**
   * The conversation of a build, which may be about to begin.
   *
   * @throws BuildException NOT_FOUND when it does not begin in time
   */
  public Gateway find(String ref) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = TimeUnit.MILLISECONDS.toNanos(WAIT_MILLIS);
      while (true) {
        Gateway found = open.get(ref);
        if (found != null) {
          return found;
        }
        if (left <= 0) {
          throw new BuildException(Code.NOT_FOUND, "no such job " + ref);
        }
        left = added.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  private void remove(String ref, Gateway gateway) {
    lock.lock();
    try {
      open.remove(ref, gateway);
    } finally {
      lock.unlock();
    }
  }

  /** A conversation that can be found until it is closed. */
  private final class Registered implements Conversation {
    private final String ref;
    private final Gateway gateway;

    Registered(String ref, Gateway gateway) {
      this.ref = ref;
      this.gateway = gateway;
    }

    @Override
    public FrontendResult converse(BuildRun build) throws InterruptedException {
      return gateway.converse(build);
    }

    @Override
    public void close() {
      remove(ref, gateway);
      gateway.end();
    }
  }
}
