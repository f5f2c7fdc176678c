package dev.jbuild.daemon.history;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedactionTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "build-arg:NPM_TOKEN",
        "build-arg:token",
        "build-arg:AWS_SECRET_ACCESS_KEY",
        "build-arg:API_KEY",
        "build-arg:db-password",
        "build-arg:GIT_AUTH",
        "build-arg:credentials",
        "secret_access_key",
      })
  void aNameThatSpeaksOfASecretHidesItsValue(String name) {
    assertEquals(Map.of(name, "xxxxx"), Redaction.attrs(Map.of(name, "very")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "build-arg:MONKEY",
        "build-arg:AUTHOR",
        "build-arg:PUBLIC_KEY",
        "target",
        "filename",
      })
  void anOrdinaryNameDoesNot(String name) {
    assertEquals(Map.of(name, "value"), Redaction.attrs(Map.of(name, "value")));
  }

  @ParameterizedTest
  @CsvSource({
    "https://user:very@example.org/x.git#main,https://xxxxx@example.org/x.git#main",
    "https://very@example.org/x,https://xxxxx@example.org/x",
    "ssh://git@example.org/x,ssh://git@example.org/x",
    "ssh://git:very@example.org/x,ssh://git:xxxxx@example.org/x",
    "https://example.org/x?access_token=very&b=c,https://example.org/x?access_token=xxxxx&b=c",
    "git@example.org:x/y.git,git@example.org:x/y.git",
    "https://example.org/@scope/x,https://example.org/@scope/x",
  })
  void passwordsAreTakenOutOfUrls(String text, String kept) {
    assertEquals(kept, Redaction.text(text));
  }

  @Test
  void longValuesAreCut() {
    assertEquals("x".repeat(8_192) + "...", Redaction.text("x".repeat(10_000)));
  }
}
