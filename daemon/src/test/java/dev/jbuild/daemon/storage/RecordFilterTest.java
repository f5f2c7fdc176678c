package dev.jbuild.daemon.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecordFilterTest {
  private static final Map<String, String> RECORD =
      Map.of("id", "s1abc", "type", "regular", "inuse", "", "labels.a b", "x");

  private static boolean matches(String... filters) {
    return RecordFilter.parse(List.of(filters)).matches(RECORD::get);
  }

  @Test
  void withoutFiltersEverythingMatches() {
    assertTrue(matches());
    assertTrue(matches(""));
  }

  @Test
  void allTermsOfOneFilterMustHold() {
    assertTrue(matches("type==regular,id~=^s1"));
    assertFalse(matches("type==regular,id~=^s2"));
  }

  @Test
  void oneOfSeveralFiltersIsEnough() {
    assertTrue(matches("type==frontend", "id==s1abc"));
    assertFalse(matches("type==frontend", "id==s2"));
  }

  @Test
  void aFieldAloneWantsAValue() {
    assertTrue(matches("type"));
    assertFalse(matches("inuse"));
    assertFalse(matches("nothing"));
  }

  @Test
  void whatIsNotThereDiffersFromAnyValue() {
    assertTrue(matches("nothing!=x"));
    assertFalse(matches("type!=regular"));
  }

  @Test
  void namesAndValuesMayBeQuoted() {
    assertTrue(matches("labels.\"a b\"==\"x\""));
  }

  @Test
  void mistakesAreToldWithTheirPlace() {
    assertEquals("filter '==x', character 1: want the name of a field", mistake("==x"));
    assertEquals("filter 'a~=[', character 5: '[' is no regular expression", mistake("a~=["));
    assertEquals("filter 'a==\"x', character 6: a quote does not end", mistake("a==\"x"));
    assertEquals("filter 'a b', character 2: want ',' or the end", mistake("a b"));
  }

  private static String mistake(String filter) {
    return assertThrows(BuildException.class, () -> RecordFilter.parse(List.of(filter))).message();
  }
}
