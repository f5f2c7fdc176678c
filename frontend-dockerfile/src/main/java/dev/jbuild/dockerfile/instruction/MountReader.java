package dev.jbuild.dockerfile.instruction;

import dev.jbuild.dockerfile.parse.SourceFile;
import dev.jbuild.error.BuildException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Makes a {@link Mount} of expanded fields, refusing what does not fit its type. */
final class MountReader {
  private static final String DEFAULT_TYPE = "bind";
  private static final String DEFAULT_SSH_ID = "default";

  private static final Map<String, List<String>> KEYS_BY_TYPE =
      Map.of(
          "bind", List.of("from", "source", "target", "readonly"),
          "cache",
              List.of(
                  "id", "from", "source", "target", "readonly", "sharing", "mode", "uid", "gid"),
          "tmpfs", List.of("target", "size", "readonly"),
          "secret",
              List.of(
                  "id", "source", "target", "env", "required", "mode", "uid", "gid", "readonly"),
          "ssh", List.of("id", "target", "required", "mode", "uid", "gid", "readonly"));

  private static final Map<String, String> ALIASES =
      Map.of(
          "src",
          "source",
          "dst",
          "target",
          "destination",
          "target",
          "ro",
          "readonly",
          "rw",
          "readwrite");

  private final SourceFile file;
  private final MountFlag flag;
  private final Map<String, MountFlag.Field> fields = new HashMap<>();

  MountReader(SourceFile file, MountFlag flag) {
    this.file = file;
    this.flag = flag;
  }

  Mount read() {
    String type = type();
    for (MountFlag.Field field : flag.fields()) {
      String key = ALIASES.getOrDefault(field.key(), field.key());
      checkKey(type, field, key.equals("readwrite") ? "readonly" : key);
      fields.put(key, field);
    }
    boolean readOnly = readOnly(type.equals("bind"));
    return switch (type) {
      case "bind" -> new Mount.Bind(text("from"), orEmpty("source"), target(type), readOnly);
      case "cache" ->
          new Mount.Cache(
              orEmpty("id"),
              text("from"),
              orEmpty("source"),
              target(type),
              readOnly,
              sharing(),
              access());
      case "tmpfs" -> new Mount.Tmpfs(target(type), size());
      case "secret" -> secret();
      default ->
          new Mount.Ssh(
              orEmpty("id").isEmpty() ? DEFAULT_SSH_ID : orEmpty("id"),
              text("target"),
              required(),
              access());
    };
  }

  private String type() {
    String type = DEFAULT_TYPE;
    for (MountFlag.Field field : flag.fields()) {
      if (field.key().equals("type")) {
        String given = value(field);
        type = given.toLowerCase(Locale.ROOT);
        if (!KEYS_BY_TYPE.containsKey(type)) {
          throw wrong(
              field,
              "unknown mount type '"
                  + given
                  + "', want bind, cache, tmpfs, secret or ssh"
                  + Suggestion.of(type, KEYS_BY_TYPE.keySet()));
        }
      }
    }
    return type;
  }

  private void checkKey(String type, MountFlag.Field field, String key) {
    List<String> allowed = KEYS_BY_TYPE.getOrDefault(type, List.of());
    if (key.equals("type") || allowed.contains(key)) {
      return;
    }
    var known = new TreeSet<>(ALIASES.keySet());
    KEYS_BY_TYPE.values().forEach(known::addAll);
    if (known.contains(key)) {
      throw wrong(
          field, "mount type '" + type + "' takes no '" + field.key() + "', only " + list(allowed));
    }
    throw wrong(
        field, "unknown mount option '" + field.key() + "'" + Suggestion.of(field.key(), known));
  }

  private static String list(List<String> names) {
    return String.join(", ", names);
  }

  private Mount secret() {
    String id = orEmpty("id");
    MountFlag.Field source = fields.get("source");
    if (source != null) {
      if (!id.isEmpty()) {
        throw wrong(source, "a secret mount takes either 'id' or 'source', not both");
      }
      id = orEmpty("source");
    }
    String target = text("target");
    if (id.isEmpty() && target != null) {
      id = target.substring(target.lastIndexOf('/') + 1);
    }
    if (id.isEmpty()) {
      throw file.error(flag.range(), "a secret mount needs an 'id'");
    }
    return new Mount.Secret(id, target, text("env"), required(), access());
  }

  private String target(String type) {
    String target = orEmpty("target");
    if (target.isEmpty()) {
      throw file.error(flag.range(), "mount type '" + type + "' needs a 'target'");
    }
    return target;
  }

  /** The later of {@code readonly} and {@code readwrite} counts. */
  private boolean readOnly(boolean usual) {
    boolean readOnly = usual;
    for (MountFlag.Field field : flag.fields()) {
      switch (field.key()) {
        case "readonly", "ro" -> readOnly = truth(field);
        case "readwrite", "rw" -> readOnly = !truth(field);
        default -> {}
      }
    }
    return readOnly;
  }

  private boolean required() {
    MountFlag.Field field = fields.get("required");
    return field != null && truth(field);
  }

  private Mount.Sharing sharing() {
    MountFlag.Field field = fields.get("sharing");
    if (field == null) {
      return Mount.Sharing.SHARED;
    }
    String value = value(field).toLowerCase(Locale.ROOT);
    return switch (value) {
      case "shared" -> Mount.Sharing.SHARED;
      case "private" -> Mount.Sharing.PRIVATE;
      case "locked" -> Mount.Sharing.LOCKED;
      default ->
          throw wrong(
              field,
              "unknown sharing '"
                  + value(field)
                  + "', want shared, private or locked"
                  + Suggestion.of(value, List.of("shared", "private", "locked")));
    };
  }

  private Mount.Access access() {
    Long mode = number("mode", 8, 07777);
    return new Mount.Access(
        mode == null ? null : mode.intValue(),
        number("uid", 10, 0xFFFFFFFFL),
        number("gid", 10, 0xFFFFFFFFL));
  }

  private @Nullable Long number(String key, int radix, long max) {
    MountFlag.Field field = fields.get(key);
    if (field == null) {
      return null;
    }
    String value = value(field);
    try {
      long number = Long.parseUnsignedLong(value, radix);
      if (number >= 0 && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    String form = radix == 8 ? "an octal number up to 07777" : "a number up to " + max;
    throw wrong(field, "mount option '" + key + "' must be " + form + ", got '" + value + "'");
  }

  private long size() {
    MountFlag.Field field = fields.get("size");
    if (field == null) {
      return 0;
    }
    try {
      return ByteSize.parse(value(field));
    } catch (IllegalArgumentException e) {
      throw wrong(
          field,
          "mount option 'size' must be a number with an optional unit such as 64m, got '"
              + value(field)
              + "'");
    }
  }

  private boolean truth(MountFlag.Field field) {
    Word word = field.value();
    if (word == null) {
      return true;
    }
    return switch (word.text()) {
      case "1", "t", "T", "true", "TRUE", "True" -> true;
      case "0", "f", "F", "false", "FALSE", "False" -> false;
      default ->
          throw wrong(
              field,
              "mount option '"
                  + field.key()
                  + "' must be true or false, got '"
                  + word.text()
                  + "'");
    };
  }

  private @Nullable String text(String key) {
    String value = orEmpty(key);
    return value.isEmpty() ? null : value;
  }

  private String orEmpty(String key) {
    MountFlag.Field field = fields.get(key);
    return field == null ? "" : value(field);
  }

  private String value(MountFlag.Field field) {
    Word value = field.value();
    if (value == null) {
      throw wrong(
          field, "mount option '" + field.key() + "' needs a value: " + field.key() + "=...");
    }
    return value.text();
  }

  private BuildException wrong(MountFlag.Field field, String why) {
    return file.error(field.range(), why);
  }
}
