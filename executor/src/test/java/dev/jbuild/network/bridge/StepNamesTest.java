package dev.jbuild.network.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.jbuild.netplan.EgressRules;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StepNamesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "allow=example.org:443,deny=*|deny=*",
        "allow=example.org:443|no rule allows it",
        "allow=*.evil.org|no rule allows it",
        "deny=*|deny=*",
        "deny=10.0.0.0/8,deny=*,allow=*|deny=*",
        "deny=evil.org,allow=good.org|no rule allows it"
      })
  void nameThatNothingCanAllowIsNotAskedFor(String rules, String refusal) {
    assertEquals(refusal, StepNames.refusal(EgressRules.parse(List.of(rules)), "evil.org"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "allow=evil.org,deny=*",
        "allow=evil.org:443/tcp",
        "allow=*.org",
        "allow=10.0.0.0/8,deny=*",
        "deny=10.0.0.0/8",
        "deny=evil.org",
        "deny=*:25,deny=*/icmp",
        "allow=*,deny=*"
      })
  void nameThatMayLeadSomewhereIsAskedFor(String rules) {
    assertNull(StepNames.refusal(EgressRules.parse(List.of(rules)), "evil.org"));
  }
}
