package dev.jbuild.oci.json;

import dev.jbuild.oci.Bytes;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;

/**
 * Text to {@link Json} and back. Reading is bounded: {@link #MAX_BYTES} of input and {@link
 * #MAX_DEPTH} levels; a key that occurs twice in an object is refused, since two readers may
 * understand it differently.
 */
public final class JsonText {
  /** The longest document that is read. Source: OCI facts, registries refuse larger manifests. */
  public static final int MAX_BYTES = 4 << 20;

  /** The deepest nesting that is read. */
  public static final int MAX_DEPTH = 64;

  /** Bounds the memory that a document of tiny values takes; an image of 10,000 layers fits. */
  private static final int MAX_TOKENS = 200_000;

  private static final int MAX_NUMBER_LENGTH = 100;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxTokenCount(MAX_TOKENS)
                  .maxDocumentLength(MAX_BYTES)
                  .maxStringLength(MAX_BYTES)
                  .maxNameLength(MAX_BYTES)
                  .maxNumberLength(MAX_NUMBER_LENGTH)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private static final ObjectWriteContext INDENTED = new IndentedContext();

  private JsonText() {}

  /** Reads one JSON value that is the whole input. */
  public static Json parse(Bytes input) throws OciFormatException {
    if (input.size() > MAX_BYTES) {
      throw new OciFormatException("is " + input.size() + " bytes long, the limit is " + MAX_BYTES);
    }
    try {
      return parse(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(input.toArray())).toString());
    } catch (CharacterCodingException e) {
      throw new OciFormatException("is not UTF-8 text", e);
    }
  }

  /** Reads one JSON value that is the whole text. */
  public static Json parse(String text) throws OciFormatException {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      JsonToken token = parser.nextToken();
      if (token == null) {
        throw new OciFormatException("is empty, want JSON");
      }
      Json value = read(parser, token);
      if (parser.nextToken() != null) {
        throw new OciFormatException("has more text after the JSON value");
      }
      return value;
    } catch (JacksonException e) {
      var at = e.getLocation();
      String where =
          at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
      throw new OciFormatException("is not valid JSON" + where + ": " + e.getOriginalMessage(), e);
    }
  }

  /** The parser bounds the depth of this recursion. */
  private static Json read(JsonParser parser, JsonToken token) {
    return switch (token) {
      case START_OBJECT -> {
        var members = new LinkedHashMap<String, Json>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
          String name = parser.currentName();
          members.put(name, read(parser, parser.nextToken()));
        }
        yield new Json.Obj(members);
      }
      case START_ARRAY -> {
        List<Json> items = new ArrayList<>();
        for (JsonToken next = parser.nextToken();
            next != JsonToken.END_ARRAY;
            next = parser.nextToken()) {
          items.add(read(parser, next));
        }
        yield new Json.Arr(items);
      }
      case VALUE_STRING -> new Json.Text(parser.getString());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Json.Num(parser.getString());
      case VALUE_TRUE -> new Json.Bool(true);
      case VALUE_FALSE -> new Json.Bool(false);
      case VALUE_NULL -> new Json.Null();
      case END_OBJECT, END_ARRAY, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE ->
          throw new IllegalStateException("no JSON value starts with " + token);
    };
  }

  /** Without white space. */
  public static String compact(Json value) {
    return write(value, ObjectWriteContext.empty());
  }

  /** Two spaces a level, {@code "key": value}, no end of line at the end. */
  public static String indented(Json value) {
    return write(value, INDENTED);
  }

  private static String write(Json value, ObjectWriteContext context) {
    var out = new StringWriter();
    try (JsonGenerator generator = FACTORY.createGenerator(context, out)) {
      write(value, generator);
    }
    return out.toString();
  }

  private static void write(Json value, JsonGenerator generator) {
    switch (value) {
      case Json.Obj object -> {
        generator.writeStartObject();
        object
            .members()
            .forEach(
                (name, member) -> {
                  generator.writeName(name);
                  write(member, generator);
                });
        generator.writeEndObject();
      }
      case Json.Arr array -> {
        generator.writeStartArray();
        for (Json item : array.items()) {
          write(item, generator);
        }
        generator.writeEndArray();
      }
      case Json.Text text -> generator.writeString(text.value());
      case Json.Num number -> generator.writeNumber(number.text());
      case Json.Bool bool -> generator.writeBoolean(bool.value());
      case Json.Null nothing -> generator.writeNull();
    }
  }

  /** Asks the generator for Go's way of indenting. */
  private static final class IndentedContext extends ObjectWriteContext.Base {
    private static final DefaultPrettyPrinter PRINTER =
        new DefaultPrettyPrinter(
                Separators.createDefaultInstance()
                    .withObjectNameValueSpacing(Separators.Spacing.AFTER)
                    .withObjectEmptySeparator("")
                    .withArrayEmptySeparator(""))
            .withArrayIndenter(new DefaultIndenter("  ", "\n"))
            .withObjectIndenter(new DefaultIndenter("  ", "\n"));

    @Override
    public PrettyPrinter getPrettyPrinter() {
      return PRINTER.createInstance();
    }

    @Override
    public boolean hasPrettyPrinter() {
      return true;
    }
  }
}
