package dev.jbuild.cli.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class CsvTest {
  @Test
  void quotesHoldCommas() {
    assertEquals(List.of("a", "b,c", "d\"e", ""), Csv.fields("a,\"b,c\",\"d\"\"e\","));
    assertEquals(List.of(""), Csv.fields(""));
  }

  @Test
  void whatIsWrittenIsRead() {
    var fields = List.of("a", "b,c", "\"", "d e");
    assertEquals(fields, Csv.fields(Csv.line(fields)));
  }

  @Test
  void unclosedQuotesAreRefused() {
    assertEquals(
        "a quote is not closed in '\"a'",
        assertThrows(UsageException.class, () -> Csv.fields("\"a")).getMessage());
    assertEquals(
        "text after a closing quote in '\"a\"b'",
        assertThrows(UsageException.class, () -> Csv.fields("\"a\"b")).getMessage());
  }
}
