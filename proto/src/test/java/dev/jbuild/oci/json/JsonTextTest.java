package dev.jbuild.oci.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.oci.Bytes;
import org.junit.jupiter.api.Test;

final class JsonTextTest {
  @Test
  void valuesKeepOrderAndNumberText() throws Exception {
    String text = "{\"b\":[1.0,1e5,-0,12345678901234567890],\"a\":{\"x\":null,\"t\":\"\\n\\\"é\"}}";

    assertEquals(text, JsonText.compact(JsonText.parse(text)));
  }

  @Test
  void indentingIsTwoSpacesALevel() throws Exception {
    assertEquals(
        """
        {
          "a": [
            1,
            {}
          ],
          "b": []
        }""",
        JsonText.indented(JsonText.parse("{\"a\":[1,{}],\"b\":[]}")));
  }

  @Test
  void tooLongIsRefused() {
    var failure =
        assertThrows(
            OciFormatException.class,
            () -> JsonText.parse(Bytes.copyOf(new byte[JsonText.MAX_BYTES + 1])));
    assertEquals("is 4194305 bytes long, the limit is 4194304", failure.getMessage());
  }

  @Test
  void tooDeepIsRefused() throws Exception {
    String deepest = "[".repeat(64) + "]".repeat(64);
    assertEquals(deepest, JsonText.compact(JsonText.parse(deepest)));

    String message = refusal("[".repeat(65) + "]".repeat(65));
    assertTrue(message.contains("nesting depth"), message);
  }

  @Test
  void tooManyValuesAreRefused() {
    String message = refusal("[" + "0,".repeat(300_000) + "0]");
    assertTrue(message.contains("Token count"), message);
  }

  @Test
  void whatIsNoJsonIsRefused() {
    assertEquals("is empty, want JSON", refusal(" "));
    assertEquals("has more text after the JSON value", refusal("{} {}"));
    assertTrue(refusal("{\"a\":").startsWith("is not valid JSON at line 1, column 6"));
    assertTrue(refusal("{a:1}").startsWith("is not valid JSON at line 1"));
    assertTrue(refusal("NaN").startsWith("is not valid JSON at line 1"));
  }

  @Test
  void bytesThatAreNoUtf8AreRefused() {
    var failure =
        assertThrows(
            OciFormatException.class,
            () -> JsonText.parse(Bytes.copyOf(new byte[] {'"', (byte) 0xff, '"'})));
    assertEquals("is not UTF-8 text", failure.getMessage());
  }

  private static String refusal(String text) {
    var failure = assertThrows(OciFormatException.class, () -> JsonText.parse(Bytes.utf8(text)));
    return String.valueOf(failure.getMessage());
  }
}
