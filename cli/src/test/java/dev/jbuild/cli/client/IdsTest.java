package dev.jbuild.cli.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import org.junit.jupiter.api.Test;

class IdsTest {
  @Test
  void idsHaveTheFieldsFormAndDiffer() {
    var seen = new HashSet<String>();
    for (int i = 0; i < 100; i++) {
      String id = Ids.next();
      assertTrue(id.matches("[0-9a-z]{25}"), id);
      seen.add(id);
    }
    assertEquals(100, seen.size());
  }
}
