package dev.jbuild.daemon.config;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What flags say, as keys of the configuration: a flag stands in place of what the file says.
 *
 * @param program whose defaults count where neither says anything
 * @param given in the order of the command line
 */
record FlagValues(Program program, List<Given> given) {
  static final FlagValues NONE = new FlagValues(Program.JBUILDD, List.of());

  private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,18}");
  private static final List<String> SPACES =
      List.of("reservedSpace", "minFreeSpace", "maxUsedSpace");
  private static final long MEGABYTE = 1_000_000;

  /** One flag with its value. */
  record Given(Flag flag, String value) {
    String word() {
      return "--" + flag.name();
    }

    private BuildException wrong(String wanted) {
      return new BuildException(
          Code.INVALID, word() + ": want " + wanted + ", got '" + value + "'");
    }
  }

  FlagValues {
    given = List.copyOf(given);
  }

  /** The last value of a flag. */
  String last(String name, String otherwise) {
    String last = otherwise;
    for (Given each : given) {
      if (each.flag.name().equals(name)) {
        last = each.value;
      }
    }
    return last;
  }

  /** The flags by the keys that they stand for. */
  Map<String, String> names() {
    var names = new HashMap<String, String>();
    for (Given each : given) {
      if (each.flag.kind() == Flag.Kind.SPACES) {
        SPACES.forEach(key -> names.put(each.flag.key() + "." + key, each.word()));
      } else {
        names.put(each.flag.key(), each.word());
      }
    }
    return names;
  }

  /** Puts the values where the file's are. */
  void writeTo(ObjectNode root) {
    var lists = new HashMap<String, ArrayNode>();
    for (Given each : given) {
      String key = each.flag.key();
      if (key.isEmpty()) {
        continue;
      }
      int dot = key.lastIndexOf('.');
      ObjectNode table = table(root, dot < 0 ? "" : key.substring(0, dot));
      String name = key.substring(dot + 1);
      switch (each.flag.kind()) {
        case TEXT -> table.put(name, each.value);
        case NUMBER -> table.put(name, number(each));
        case SWITCH -> table.put(name, on(each));
        case SWITCH_OR_AUTO -> {
          if (!each.value.equals("auto")) {
            table.put(name, on(each));
          }
        }
        case LIST -> lists.computeIfAbsent(key, k -> table.putArray(name)).add(each.value);
        case COMMAS -> {
          ArrayNode list = lists.computeIfAbsent(key, k -> table.putArray(name));
          List.of(each.value.split(",", -1)).forEach(list::add);
        }
        case PAIRS -> pair(table(root, key), each);
        case SPACES -> spaces(table(root, key), each);
      }
    }
  }

  /** What stands in the way of a table is left there: reading it tells. */
  private static ObjectNode table(ObjectNode root, String path) {
    ObjectNode at = root;
    for (String name : path.isEmpty() ? new String[0] : path.split("\\.", -1)) {
      at = at.get(name) instanceof ObjectNode child ? child : at.putObject(name);
    }
    return at;
  }

  private static void pair(ObjectNode table, Given each) {
    int equals = each.value.indexOf('=');
    if (equals <= 0) {
      throw each.wrong("KEY=VALUE");
    }
    table.put(each.value.substring(0, equals), each.value.substring(equals + 1));
  }

  private static void spaces(ObjectNode table, Given each) {
    var numbers = new ArrayList<Long>();
    for (String part : each.value.split(",", -1)) {
      if (!part.matches("[0-9]{1,12}")) {
        throw each.wrong("RESERVED[,FREE[,MAXIMUM]] in MB");
      }
      numbers.add(Long.parseLong(part) * MEGABYTE);
    }
    if (numbers.size() > SPACES.size()) {
      throw each.wrong("RESERVED[,FREE[,MAXIMUM]] in MB");
    }
    for (int i = 0; i < numbers.size(); i++) {
      table.put(SPACES.get(i), numbers.get(i));
    }
  }

  private static long number(Given each) {
    if (!NUMBER.matcher(each.value).matches()) {
      throw each.wrong("a number");
    }
    return Long.parseLong(each.value);
  }

  /** Go's words. Source: strconv.ParseBool. */
  static boolean on(Given each) {
    return switch (each.value) {
      case "1", "t", "T", "true", "TRUE", "True" -> true;
      case "0", "f", "F", "false", "FALSE", "False" -> false;
      default ->
          throw each.wrong(
              each.flag.kind() == Flag.Kind.SWITCH ? "true or false" : "true, false or auto");
    };
  }
}
