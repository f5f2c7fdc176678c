package dev.jbuild.dockerfile.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordExpanderTest {
  private static final Map<String, String> ENV =
      Map.of(
          "a",
          "A",
          "empty",
          "",
          "path",
          "/usr/lib/x.tar.gz",
          "blank",
          "x y",
          "star",
          "a*b",
          "A_1",
          "under",
          "é",
          "accent",
          "many",
          "xaxbxc");

  /** {@code ~} stands for a blank at an end, since the table trims. */
  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      emptyValue = "",
      textBlock =
          """
          plain                 | plain
          $a                    | A
          ${a}                  | A
          x$a.y                 | xA.y
          ${a}b                 | Ab
          $ab                   | ``
          $A_1                  | under
          $é                    | accent
          $unset                | ``
          ${unset}              | ``
          $                     | $
          $ x                   | $ x
          a$                    | a$
          $$                    | ``
          $1a                   | a
          $-a                   | a
          $@                    | ``
          \\$a                  | $a
          \\a                   | a
          a\\                   | a
          a\\\\                 | a\\
          '$a'                  | $a
          "$a"                  | A
          "'$a'"                | 'A'
          '"$a"'                | "$a"
          "\\$a"                | $a
          "\\a"                 | \\a
          "a\\"b"               | a"b
          "a\\\\b"              | a\\b
          'a\\b'                | a\\b
          a'b'"c"d              | abcd
          ""                    | ``
          "a b"                 | a b
          ${unset:-w}           | w
          ${unset-w}            | w
          ${empty:-w}           | w
          ${empty-w}            | ``
          ${a:-w}               | A
          ${a-w}                | A
          ${unset:+w}           | ``
          ${unset+w}            | ``
          ${empty:+w}           | ``
          ${empty+w}            | w
          ${a:+w}               | w
          ${a+w}                | w
          ${a:?why}             | A
          ${a?why}              | A
          ${empty?why}          | ``
          ${unset:-$a}          | A
          ${unset:-${a}}        | A
          ${unset:-${unset:-x}} | x
          ${unset:-'}'}         | }
          ${unset:-"$a b"}      | A b
          ${unset:-a\\}b}       | a}b
          ${unset:-}            | ``
          ${path#*/}            | usr/lib/x.tar.gz
          ${path##*/}           | x.tar.gz
          ${path%.*}            | /usr/lib/x.tar
          ${path%%.*}           | /usr/lib/x
          ${path#nothing}       | /usr/lib/x.tar.gz
          ${path%/?.tar.gz}     | /usr/lib
          ${path#/usr}          | /lib/x.tar.gz
          ${path#}              | /usr/lib/x.tar.gz
          ${path%.$unset}       | /usr/lib/x.tar.gz
          ${star#a\\*}          | b
          ${star%\\*b}          | a
          ${path#"/usr"}        | /lib/x.tar.gz
          ${unset#x}            | ``
          ${unset%x}            | ``
          ${many/x/-}           | -axbxc
          ${many//x/-}          | -a-b-c
          ${many//x/}           | abc
          ${many/x*b/-}         | -xc
          ${many//x?/-}         | ---
          ${many/nothing/-}     | xaxbxc
          ${many//*/-}          | -
          ${many//}/-}          | xaxbxc
          ${many///-}           | xaxbxc
          ${path//\\//_}        | _usr_lib_x.tar.gz
          ${path/\\/usr/}       | /lib/x.tar.gz
          ${many//x/$a}         | AaAbAc
          ${many//[x]/-}        | xaxbxc
          ${many/x/\\}}         | }axbxc
          ${unset/x/y}          | ``
          """)
  void expands(String word, String expected) throws ShellSyntaxException {
    assertEquals(expected, expand(word).text());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'a            | 0 | a single quote is not closed
          b"a           | 1 | a double quote is not closed
          x${a          | 1 | '}' is missing
          ${            | 0 | '}' is missing
          ${}           | 0 | '${' without a variable name
          ${:-a}        | 0 | '${' without a variable name
          ${{a}}        | 0 | '${' without a variable name
          ${a:}         | 0 | unsupported modifier ':}' in '${a'
          ${a:          | 0 | unsupported modifier ':' in '${a'
          ${a:=b}       | 0 | unsupported modifier ':=' in '${a'
          ${a^}         | 0 | unsupported modifier '^' in '${a'
          ${a:-b        | 0 | '}' is missing
          ${a/b}        | 0 | '/' is missing
          ${a/b/c       | 0 | '}' is missing
          ${unset?}     | 0 | unset: is not allowed to be unset
          ${unset:?}    | 0 | unset: is not allowed to be unset
          ${empty:?}    | 0 | empty: is not allowed to be empty
          ${unset:?w x} | 0 | unset: w x
          ${unset:?$a}  | 0 | unset: A
          ${a#\\x}      | 0 | invalid escape '\\x' in pattern '\\x'
          ${a:-"b}      | 5 | a double quote is not closed
          """)
  void refuses(String word, int offset, String message) {
    var failure = assertThrows(ShellSyntaxException.class, () -> expand(word));
    assertEquals(message, failure.reason());
    assertEquals(offset, failure.offset());
  }

  @Test
  void wordsAreCutAtOpenBlanksOnly() throws ShellSyntaxException {
    assertEquals(List.of("a", "x", "y", "b c", "d e"), expand("a $blank 'b c' d\\ e").words());
    assertEquals(List.of("x y"), expand("\"$blank\"").words());
    assertEquals(List.of(), expand("$unset ''").words());
  }

  @Test
  void tellsWhatWasUsedAndWhatWasMissing() throws ShellSyntaxException {
    Expansion expansion = expand("$a ${no1} ${no2:-x} $no3 ${no4+x} ${no5%x}");
    assertEquals(Set.of("a"), expansion.used());
    assertEquals(Set.of("no1", "no3", "no5"), expansion.unset());
  }

  @Test
  void documentsKeepQuotes() throws ShellSyntaxException {
    Expansion expansion =
        WordExpander.forDocuments().expand("it's \"$a\" \\$a 'no $a'\n", ENV::get);
    assertEquals("it's \"A\" $a 'no A'\n", expansion.text());
  }

  @Test
  void displayKeepsQuotesAndWhatIsUnset() throws ShellSyntaxException {
    Expansion expansion =
        WordExpander.forDisplay('\\').expand("'$a' \"$a\" $no ${no:-x} ${no#x}", ENV::get);
    assertEquals("'$a' \"A\" $no ${no:-x} ${no#x}", expansion.text());
  }

  @Test
  void theEscapeCharacterCanBeABacktick() throws ShellSyntaxException {
    Expansion expansion = WordExpander.forInstructions('`').expand("c:\\x `$a \"`\"\"", ENV::get);
    assertEquals("c:\\x $a \"", expansion.text());
  }

  @Test
  void nestingIsBounded() {
    String word = "${u:-".repeat(40) + "}".repeat(40);
    var failure = assertThrows(ShellSyntaxException.class, () -> expand(word));
    assertEquals("'${' is nested more than 32 deep", failure.reason());
  }

  @Test
  void growthIsBounded() {
    String big = "x".repeat(700_000);
    var failure =
        assertThrows(
            ShellSyntaxException.class,
            () -> WordExpander.forInstructions('\\').expand("$b$b", name -> big));
    assertEquals("expands to more than 1048576 characters", failure.reason());
    failure =
        assertThrows(
            ShellSyntaxException.class,
            () -> WordExpander.forInstructions('\\').expand("${b//x/yyyy}", name -> big));
    assertEquals("expands to more than 1048576 characters", failure.reason());
  }

  @Test
  void textOfWhichNothingStaysIsBounded() {
    String big = "x".repeat(700_000);
    var failure =
        assertThrows(
            ShellSyntaxException.class,
            () ->
                WordExpander.forInstructions('\\')
                    .expand("${u+$b}".repeat(10), name -> name.equals("b") ? big : null));
    assertEquals("puts in more than 4194304 characters of variables", failure.reason());
  }

  @Test
  void patternsWithManyStarsTakeBoundedTime() {
    String value = "a".repeat(20_000);
    assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () ->
            WordExpander.forInstructions('\\')
                .expand(
                    "${v//" + "*a".repeat(20) + "b/x}${v%%" + "*a".repeat(20) + "b}", n -> value));
  }

  private static Expansion expand(String word) throws ShellSyntaxException {
    return WordExpander.forInstructions('\\').expand(word, ENV::get);
  }
}
