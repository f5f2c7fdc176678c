package dev.jbuild.daemon.config;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.toml.TomlMapper;

/** Reads a configuration file in TOML. */
public final class ConfigFile {
  private static final int LIMIT_BYTES = 1 << 20;

  private ConfigFile() {}

  /**
   * What a file says.
   *
   * @param warnings one for each key that is not known or changes nothing, to be shown to the
   *     operator
   */
  public record Parsed(DaemonConfig config, List<String> warnings) {
    public Parsed {
      warnings = List.copyOf(warnings);
    }
  }

  /**
   * Reads a file.
   *
   * @throws BuildException NOT_FOUND when it is not there, INVALID when it is wrong, with the line
   */
  public static Parsed read(Path file) {
    return read(file, FlagValues.NONE);
  }

  /** Reads a file, or none, and what flags say in its place. */
  static Parsed read(@Nullable Path file, FlagValues flags) {
    return file == null
        ? parse(flags.program().word() + ".toml", "", flags)
        : parse(file.toString(), text(file), flags);
  }

  private static String text(Path file) {
    try (var in = Files.newInputStream(file)) {
      // Not by its size: it may be a pipe.
      byte[] bytes = in.readNBytes(LIMIT_BYTES + 1);
      if (bytes.length > LIMIT_BYTES) {
        throw new BuildException(Code.INVALID, file + ": a configuration has at most 1 MiB");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw new BuildException(Code.NOT_FOUND, "configuration '" + file + "' is not there", e);
    } catch (IOException e) {
      throw new BuildException(
          Code.NOT_FOUND, "configuration '" + file + "' can not be read: " + e.getMessage(), e);
    }
  }

  /** Reads a text; {@code name} stands before each error. */
  public static Parsed parse(String name, String text) {
    return parse(name, text, FlagValues.NONE);
  }

  static Parsed parse(String name, String text, FlagValues flags) {
    ObjectNode tree = tree(name, text);
    flags.writeTo(tree);
    var warnings = new ArrayList<String>();
    var places = new KeyPlaces(name, text, flags.names());
    var root = new ConfigTable(places, "", tree, warnings);
    return new Parsed(RootTable.read(root, flags.program()), warnings);
  }

  private static ObjectNode tree(String name, String text) {
    try {
      JsonNode tree = TomlMapper.builder().build().readTree(text);
      return tree instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
    } catch (JacksonException e) {
      var location = e.getLocation();
      String line = location == null ? "" : ":" + location.getLineNr();
      throw new BuildException(Code.INVALID, name + line + ": " + e.getOriginalMessage(), e);
    }
  }
}
