package dev.jbuild.solver.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.llb.LlbOp.SourceOp;
import dev.jbuild.solver.llb.Place;
import dev.jbuild.sourcepolicy.SourcePolicy;
import dev.jbuild.sourcepolicy.SourcePolicy.Action;
import dev.jbuild.sourcepolicy.SourcePolicy.Condition;
import dev.jbuild.sourcepolicy.SourcePolicy.Constraint;
import dev.jbuild.sourcepolicy.SourcePolicy.MatchType;
import dev.jbuild.sourcepolicy.SourcePolicy.Rule;
import dev.jbuild.sourcepolicy.SourcePolicy.Selector;
import dev.jbuild.sourcepolicy.SourcePolicy.Update;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourcePoliciesTest {
  private static final String BUSYBOX = "docker-image://docker.io/library/busybox:latest";
  private static final String ALPINE = "docker-image://docker.io/library/alpine:latest";
  private static final String ORIGIN = "the build's source policy";

  private static Rule allow(String identifier) {
    return new Rule(Action.ALLOW, wildcard(identifier), null);
  }

  private static Rule deny(String identifier) {
    return new Rule(Action.DENY, wildcard(identifier), null);
  }

  private static Rule convert(String from, String to) {
    return new Rule(Action.CONVERT, wildcard(from), new Update(to, Map.of()));
  }

  private static Selector wildcard(String identifier, Constraint... constraints) {
    return new Selector(identifier, MatchType.WILDCARD, List.of(constraints));
  }

  private static SourcePolicies policies(Rule... rules) {
    return SourcePolicies.of(new SourcePolicy(List.of(rules)), ORIGIN);
  }

  private static SourceOp source(String identifier) {
    return new SourceOp(identifier, Map.of());
  }

  private static String admitted(SourcePolicies policies, String identifier) {
    return policies.admit(source(identifier), Place::request).source().identifier();
  }

  private static BuildException refused(SourcePolicies policies, SourceOp source) {
    return assertThrows(BuildException.class, () -> policies.admit(source, Place::request));
  }

  @Test
  void withoutRulesASourceStaysTheSame() {
    SourceOp source = source(BUSYBOX);
    assertSame(source, SourcePolicies.NONE.admit(source, Place::request).source());
    assertSame(source, policies(deny("http://*")).admit(source, Place::request).source());
  }

  @Test
  void aDeniedSourceIsNamedWithTheRuleAndWhereItCameFrom() {
    var failure =
        refused(policies(allow("*"), deny("http://*")), source("http://u:pw@x.example/f"));
    assertEquals(Code.PERMISSION_DENIED, failure.code());
    assertEquals(
        "source 'http://x.example/f' is denied by rule 2 (DENY wildcard 'http://*') of the build's"
            + " source policy",
        failure.message());
    assertEquals(
        List.of(
            new Detail.DeniedSource("http://x.example/f", "rule 2 of the build's source policy")),
        failure.details());
  }

  @Test
  void theLastRuleThatSelectsASourceDecides() {
    assertEquals(BUSYBOX, admitted(policies(deny("*"), allow(BUSYBOX)), BUSYBOX));
    assertEquals(
        Code.PERMISSION_DENIED,
        refused(policies(allow(BUSYBOX), deny("docker-image://*")), source(BUSYBOX)).code());
    assertEquals(
        BUSYBOX, admitted(policies(allow(BUSYBOX), deny(BUSYBOX), allow(BUSYBOX)), BUSYBOX));
  }

  @Test
  void eachPolicyMustAllow() {
    var both = policies(allow(BUSYBOX)).and(policies(deny(BUSYBOX)));
    assertEquals(Code.PERMISSION_DENIED, refused(both, source(BUSYBOX)).code());
  }

  @Test
  void aConvertedSourceIsAskedAboutAgain() {
    var policies =
        policies(
            convert(
                "docker-image://docker.io/library/debian:buster", "docker-image://a.example/b:1"),
            convert(ALPINE, "docker-image://docker.io/library/debian:buster"),
            convert(BUSYBOX, ALPINE));
    var admitted = policies.admit(source(BUSYBOX), Place::request);
    assertEquals("docker-image://a.example/b:1", admitted.source().identifier());
    assertEquals(
        "'"
            + BUSYBOX
            + "' became '"
            + ALPINE
            + "' by rule 3 (CONVERT wildcard '"
            + BUSYBOX
            + "') of the build's source policy",
        admitted.changes().getFirst());
    assertEquals(3, admitted.changes().size());
  }

  @Test
  void whatAConversionMakesMayBeDenied() {
    var failure =
        refused(
            policies(deny("docker-image://docker.io/library/alpine:*"), convert(BUSYBOX, ALPINE)),
            source(BUSYBOX));
    assertEquals(
        "source '"
            + ALPINE
            + "' is denied by rule 1 (DENY wildcard 'docker-image://docker.io/library/alpine:*') of"
            + " the build's source policy; '"
            + BUSYBOX
            + "' became '"
            + ALPINE
            + "' by rule 2 (CONVERT wildcard '"
            + BUSYBOX
            + "') of the build's source policy",
        failure.message());
  }

  @Test
  void conversionsInACircleAreRefused() {
    var failure =
        refused(policies(convert(BUSYBOX, ALPINE), convert(ALPINE, BUSYBOX)), source(BUSYBOX));
    assertEquals(Code.INVALID, failure.code());
    assertEquals(
        "'"
            + BUSYBOX
            + "': its conversions lead in a circle: '"
            + BUSYBOX
            + "' became '"
            + ALPINE
            + "' by rule 1 (CONVERT wildcard '"
            + BUSYBOX
            + "') of the build's source policy, '"
            + ALPINE
            + "' became '"
            + BUSYBOX
            + "' by rule 2 (CONVERT wildcard '"
            + ALPINE
            + "') of the build's source policy",
        failure.message());
  }

  @Test
  void twentyConversionsAreTheMost() {
    var rules = new ArrayList<Rule>();
    for (int i = 0; i < 20; i++) {
      rules.add(convert("http://h/" + i, "http://h/" + (i + 1)));
    }
    var most = SourcePolicies.of(new SourcePolicy(rules), ORIGIN);
    assertEquals("http://h/20", admitted(most, "http://h/0"));
    rules.add(convert("http://h/20", "http://h/21"));
    var failure = refused(SourcePolicies.of(new SourcePolicy(rules), ORIGIN), source("http://h/0"));
    assertEquals(
        "'http://h/0': it was converted 20 times and another rule wants to",
        failure.message().substring(0, failure.message().indexOf(": 'http://h/18'")));
  }

  @Test
  void aTextThatGrowsWithEachConversionIsRefused() {
    var failure =
        refused(
            policies(convert("http://*", "http://${1}${1}x")),
            source("http://" + "a".repeat(1000)));
    assertEquals(Code.INVALID, failure.code());
    assertEquals(
        true, failure.message().endsWith("makes it an identifier of more than 8192 characters"));
  }

  @Test
  void anIdentifierWithoutSchemeIsRefused() {
    assertEquals(
        "source 'http://a/b': rule 1 (CONVERT wildcard 'http://*') of the build's source policy"
            + " makes it 'alpine', want '<scheme>://<rest>'",
        refused(policies(convert("http://*", "alpine")), source("http://a/b")).message());
  }

  @ParameterizedTest
  @CsvSource({
    "WILDCARD, docker-image://docker.io/library/golang:*, docker-image://r.io/golang:${1}-alpine,"
        + " docker-image://docker.io/library/golang:1.19, docker-image://r.io/golang:1.19-alpine",
    "WILDCARD, http://*/*.tgz, https://m/$1/$2, http://a/b/c.tgz, https://m/a/b/c",
    "WILDCARD, http://*a*, https://$1-$2, http://banana, https://banan-",
    "WILDCARD, http://*, https://$0, http://x, https://http://x",
    "WILDCARD, http://*, https://$2$x$$1, http://x, https://$1",
    "WILDCARD, http://*, https://a$, http://x, https://a$",
    "WILDCARD, http://*, 'https://${1', http://x, 'https://${1'",
    "WILDCARD, http://*, https://$1x, http://x, https://",
    "EXACT, http://x, https://${1}, http://x, https://${1}",
    "REGEX, docker\\-image://docker\\.io/library/golang:(.*), docker-image://r.io/golang:${1},"
        + " docker-image://docker.io/library/golang:1.19, docker-image://r.io/golang:1.19",
    "REGEX, http://, https://, http://x/?u=http://y, https://x/?u=https://y",
    "REGEX, ^http://(?P<host>[^/]+)/(.*)$, https://${2}/${host}, http://a/b/c, https://b/c/a",
    "REGEX, a|b, $1c, http://xaby, http://xccy",
  })
  void capturesArePutIn(String type, String selector, String update, String from, String to) {
    var rule =
        new Rule(
            Action.CONVERT,
            new Selector(selector, MatchType.valueOf(type), List.of()),
            new Update(update, Map.of()));
    // Another policy stops what would go on: only the first round is looked at.
    var pattern = CompiledRule.of(rule, "rule 1 of x");
    assertEquals(
        to.replace("http://xccy", "http://xy"), pattern.convert(source(from), from).identifier());
  }

  @ParameterizedTest
  @CsvSource({
    "WILDCARD, *, http://x, true",
    "WILDCARD, http://x*, http://x, true",
    "WILDCARD, http://*x, http://x, true",
    "WILDCARD, http://x*x, http://x, false",
    "WILDCARD, docker-image://*/busybox:*, http://docker.io/library/busybox:latest, false",
    "WILDCARD, HTTP://*, http://x, false",
    "EXACT, http://x, http://xy, false",
    "EXACT, http://*, http://xy, false",
    "REGEX, x, http://xy, true",
    "REGEX, ^x, http://xy, false",
    "REGEX, http://x(, http://xy, invalid",
  })
  void identifiersAreCompared(String type, String selector, String identifier, String expected) {
    if (expected.equals("invalid")) {
      assertThrows(
          IllegalArgumentException.class,
          () -> IdentifierPattern.of(new Selector(selector, MatchType.valueOf(type), List.of())));
      return;
    }
    var pattern = IdentifierPattern.of(new Selector(selector, MatchType.valueOf(type), List.of()));
    assertEquals(Boolean.parseBoolean(expected), pattern.matches(identifier));
  }

  @Test
  void aLineEndHidesNothingFromAWildcard() {
    var policies = policies(deny("http://*"));
    assertEquals(Code.PERMISSION_DENIED, refused(policies, source("http://x\n")).code());
  }

  @Test
  void attributesAreConstraints() {
    var none = Map.<String, String>of();
    var bar = Map.of("foo", "bar");
    assertEquals(true, selects(new Constraint("foo", "bar", Condition.EQUAL), bar));
    assertEquals(false, selects(new Constraint("foo", "bar", Condition.EQUAL), none));
    assertEquals(true, selects(new Constraint("foo", "", Condition.EQUAL), none));
    assertEquals(false, selects(new Constraint("foo", "bar", Condition.NOTEQUAL), bar));
    assertEquals(true, selects(new Constraint("foo", "bar", Condition.NOTEQUAL), none));
    assertEquals(true, selects(new Constraint("foo", "^b\\w+", Condition.MATCHES), bar));
    assertEquals(true, selects(new Constraint("foo", "r$", Condition.MATCHES), bar));
    assertEquals(false, selects(new Constraint("foo", "^\\d+", Condition.MATCHES), bar));
    assertEquals(true, selects(new Constraint("foo", "", Condition.MATCHES), none));
  }

  private static boolean selects(Constraint constraint, Map<String, String> attrs) {
    var rule = new Rule(Action.DENY, wildcard("http://*", constraint), null);
    return CompiledRule.of(rule, "rule 1 of x").selects("http://x", attrs);
  }

  @Test
  void attributesAreSetAndOthersStay() {
    var policies =
        policies(
            new Rule(
                Action.CONVERT,
                wildcard("https://*"),
                new Update("", Map.of("http.checksum", "sha256:1234"))));
    var admitted =
        policies.admit(
            new SourceOp("https://example.com/foo", Map.of("http.filename", "foo")),
            Place::request);
    assertEquals(
        new SourceOp(
            "https://example.com/foo",
            Map.of("http.filename", "foo", "http.checksum", "sha256:1234")),
        admitted.source());
    assertEquals(
        List.of(
            "'https://example.com/foo' got attributes from rule 1 (CONVERT wildcard 'https://*') of"
                + " the build's source policy"),
        admitted.changes());
  }

  @Test
  void anImageIsKnownUnderAnySpelling() {
    var policies = policies(deny(ALPINE));
    assertEquals(Code.PERMISSION_DENIED, refused(policies, source("docker-image://alpine")).code());
    assertEquals(
        Code.PERMISSION_DENIED,
        refused(policies, source("docker-image://index.docker.io/library/alpine")).code());
  }

  @Test
  void aRepositoryIsKnownByWhereItIsFetchedFrom() {
    var policies = policies(deny("git://evil.example/*"));
    var hidden =
        new SourceOp(
            "git://good.example/a.git#main", Map.of("git.fullurl", "https://evil.example/a.git"));
    assertEquals(
        "source 'git://evil.example/a.git#main' is denied by rule 1 (DENY wildcard"
            + " 'git://evil.example/*') of the build's source policy",
        refused(policies, hidden).message());
    var open =
        new SourceOp(
            "git://good.example/a.git#main", Map.of("git.fullurl", "git@good.example:a.git"));
    assertSame(open, policies.admit(open, Place::request).source());
  }

  @Test
  void aRepositorysUrlGoesWithItsIdentifier() {
    var policies = policies(convert("git://github.com/*", "git://mirror.example/gh/${1}"));
    assertEquals(
        new SourceOp(
            "git://mirror.example/gh/a/b.git#main",
            Map.of("git.fullurl", "https://mirror.example/gh/a/b.git", "git.keepgitdir", "true")),
        policies
            .admit(
                new SourceOp(
                    "git://github.com/a/b.git#main",
                    Map.of(
                        "git.fullurl",
                        "https://user:token@github.com/a/b.git",
                        "git.keepgitdir",
                        "true")),
                Place::request)
            .source());
    assertEquals(
        "ssh://git@mirror.example/gh/a/b.git",
        policies
            .admit(
                new SourceOp(
                    "git://github.com/a/b.git", Map.of("git.fullurl", "git@github.com:a/b.git")),
                Place::request)
            .source()
            .attrs()
            .get("git.fullurl"));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "WILDCARD, http://**, \"'http://**': '**' is no wildcard, write '*' for any text\"",
        "REGEX, a(b, \"'a(b' is no regular expression: missing closing )\"",
        "REGEX, a(?=b), \"'a(?=b)' is no regular expression: invalid or unsupported Perl syntax\"",
        "REGEX, \"((a{100}){100}){100}\","
            + " \"the regular expression repeats too much: its program would have more than 10000"
            + " steps\"",
      })
  void aRuleThatCanNotBeReadIsNamed(String type, String identifier, String why) {
    var rule =
        new Rule(Action.DENY, new Selector(identifier, MatchType.valueOf(type), List.of()), null);
    var failure = assertThrows(BuildException.class, () -> policies(allow("*"), rule));
    assertEquals(Code.INVALID, failure.code());
    assertEquals("the build's source policy, rule 2: " + why, failure.message());
  }
}
