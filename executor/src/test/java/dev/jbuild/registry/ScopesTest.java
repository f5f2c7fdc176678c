package dev.jbuild.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ScopesTest {

  @Test
  void rightsToTheSameThingAreOne() {
    assertEquals(
        List.of("repository:app:pull,push", "repository:base:pull"),
        new Scopes(List.of("repository:base:pull", "repository:app:push,pull"))
            .plus(List.of("repository:app:pull"))
            .texts());
  }

  @Test
  void theNameOfAThingMayHoldAColon() {
    var scopes = new Scopes(List.of("repository:r.example:5000/app:pull"));
    assertTrue(scopes.name("repository:r.example:5000/app:push"));
    assertFalse(scopes.name("repository:r.example:5000/other:pull"));
  }

  @Test
  void whatIsNoScopeIsPassedOn() {
    assertEquals(List.of("everything"), new Scopes(List.of("everything")).texts());
  }
}
