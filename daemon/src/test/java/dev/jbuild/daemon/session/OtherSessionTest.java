package dev.jbuild.daemon.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.jbuild.session.Credentials;
import dev.jbuild.session.FileSync;
import dev.jbuild.session.OutputSink;
import dev.jbuild.session.Secrets;
import dev.jbuild.session.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class OtherSessionTest {
  private final SessionRegistry registry = new SessionRegistry();

  /** A client that serves nothing. */
  private record Named(String id) implements Session {
    @Override
    public FileSync files() {
      throw new AssertionError("no files");
    }

    @Override
    public OutputSink outputs() {
      throw new AssertionError("no outputs");
    }

    @Override
    public Credentials credentials() {
      throw new AssertionError("no credentials");
    }

    @Override
    public Secrets secrets() {
      throw new AssertionError("no secrets");
    }
  }

  @Test
  void aSessionLeadsToTheOneThatAGraphNames() {
    var shared = new Named("shared");
    SessionRegistry.Registration registration = registry.register(shared);
    try (registration) {
      assertSame(shared, registry.find("own").other("shared"));
    }
  }

  @Test
  void theBuildsOwnIsTakenWhereTheOtherHasEnded() {
    registry.register(new Named("shared")).close();
    Session own = registry.find("own");
    assertSame(own, own.other("shared"));
  }

  @Test
  void itsOwnNameLeadsToItselfAtOnce() {
    Session own = registry.find("prefix:own");
    assertEquals("own", own.id());
    assertSame(own, own.other("own"));
    assertSame(own, own.other(""));
  }
}
