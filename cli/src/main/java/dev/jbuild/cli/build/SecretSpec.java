package dev.jbuild.cli.build;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where a secret is that {@code --secret} offers. Source: docker's reference of {@code buildx
 * build}, "Secret to expose to the build".
 */
public sealed interface SecretSpec {

  /** In a file that exists. */
  record InFile(Path path) implements SecretSpec {}

  /** In a variable of the environment. */
  record Value(Bytes bytes) implements SecretSpec {
    @Override
    public String toString() {
      return "Value[***]";
    }
  }

  /**
   * Reads the values of all flags, {@code id=ID[,src=FILE|,env=VARIABLE][,type=file|env]}; by id.
   *
   * @param directory that relative paths start at
   */
  static SortedMap<String, SecretSpec> parse(
      List<String> flags, Map<String, String> env, Path directory) {
    var specs = new TreeMap<String, SecretSpec>();
    for (String flag : flags) {
      var fields = Fields.of(flag);
      specs.put(fields.id, fields.spec(env, directory));
    }
    return specs;
  }

  /** The fields of one flag as typed. */
  record Fields(String flag, String id, String type, String file, String variable) {
    private static final List<String> KEYS = List.of("id", "src", "env", "type");
    private static final int LIMIT_BYTES = 500 * 1024;

    static Fields of(String flag) {
      var values = new TreeMap<String, String>();
      for (String field : Csv.fields(flag)) {
        int equals = field.indexOf('=');
        if (equals < 0) {
          throw new UsageException(
              "--secret: '" + field + "' in '" + flag + "' is no KEY=VALUE; want id=ID,src=FILE");
        }
        String key = field.substring(0, equals).toLowerCase(Locale.ROOT);
        String known = key.equals("source") ? "src" : key;
        if (!KEYS.contains(known)) {
          throw new UsageException(
              "--secret: unknown key '"
                  + key
                  + "' in '"
                  + flag
                  + "'"
                  + Suggestion.of(key, KEYS)
                  + "; known are id, src, env, type");
        }
        values.put(known, field.substring(equals + 1));
      }
      return checked(flag, values);
    }

    private static Fields checked(String flag, Map<String, String> values) {
      String id = values.getOrDefault("id", "");
      String type = values.getOrDefault("type", "");
      if (id.isEmpty()) {
        throw new UsageException("--secret: no id in '" + flag + "'; want id=ID,src=FILE");
      }
      if (!List.of("", "file", "env").contains(type)) {
        throw new UsageException(
            "--secret: unknown type '" + type + "' in '" + flag + "'; known are file, env");
      }
      String file = values.getOrDefault("src", "");
      String variable = values.getOrDefault("env", "");
      if (!file.isEmpty() && !variable.isEmpty()) {
        throw new UsageException("--secret: '" + flag + "' has both src and env; want one");
      }
      if (type.equals("file") && !variable.isEmpty()) {
        throw new UsageException("--secret: '" + flag + "' is of type file and has env");
      }
      boolean swapped = type.equals("env") && variable.isEmpty();
      return new Fields(flag, id, type, swapped ? "" : file, swapped ? file : variable);
    }

    /** With neither, a variable of the secret's name counts, then a file of that name. */
    SecretSpec spec(Map<String, String> env, Path directory) {
      if (file.isEmpty() && variable.isEmpty()) {
        @Nullable String own = type.equals("file") ? null : env.get(id);
        return own == null && !type.equals("env") ? inFile(id, directory) : value(id, env);
      }
      return file.isEmpty() ? value(variable, env) : inFile(file, directory);
    }

    private SecretSpec value(String name, Map<String, String> env) {
      String value = env.get(name);
      if (value == null) {
        throw new BuildException(
            Code.NOT_FOUND,
            "--secret " + flag + ": there is no variable '" + name + "' in the environment");
      }
      return new Value(Bytes.utf8(value));
    }

    private SecretSpec inFile(String name, Path directory) {
      Path path = directory.resolve(name).normalize();
      try {
        if (!Files.exists(path)) {
          throw new BuildException(
              Code.NOT_FOUND, "--secret " + flag + ": '" + path + "' does not exist");
        }
        if (Files.isDirectory(path)) {
          throw new BuildException(
              Code.INVALID, "--secret " + flag + ": '" + path + "' is a directory; give a file");
        }
        if (Files.size(path) > LIMIT_BYTES) {
          throw new BuildException(
              Code.INVALID, "--secret " + flag + ": '" + path + "' has more than 500 KiB");
        }
      } catch (IOException e) {
        throw new BuildException(Code.FAILED, "--secret " + flag + ": " + e, e);
      }
      return new InFile(path);
    }
  }
}
