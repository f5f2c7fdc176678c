package dev.jbuild.cli.build;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What RUN steps may use, as flags say it.
 *
 * @param ulimits {@code name=soft[:hard]} each
 * @param shmSize such as {@code 64m}, or null
 * @param cgroupParent the control group of the steps' groups, or null
 * @param resources {@code memory=512m,cpu-quota=50000} each
 */
public record StepLimits(
    List<String> ulimits,
    @Nullable String shmSize,
    @Nullable String cgroupParent,
    List<String> resources) {
  public static final StepLimits NONE = new StepLimits(List.of(), null, null, List.of());

  private static final String RESOURCE = "--resource";
  private static final Pattern ULIMIT = Pattern.compile("[a-z]+=-?[0-9]+(:-?[0-9]+)?");
  private static final Pattern NUMBER = Pattern.compile("-1|[0-9]{1,18}");
  private static final Pattern SET = Pattern.compile("[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*");

  /** Keys of the flag, and the frontend's options for them. */
  private static final Map<String, String> OPTIONS =
      new TreeMap<>(
          Map.of(
              "memory",
              "memory",
              "memory-swap",
              "memswap",
              "cpu-shares",
              "cpushares",
              "cpu-period",
              "cpuperiod",
              "cpu-quota",
              "cpuquota",
              "cpuset-cpus",
              "cpusetcpus",
              "cpuset-mems",
              "cpusetmems"));

  public StepLimits {
    ulimits = List.copyOf(ulimits);
    resources = List.copyOf(resources);
  }

  void addTo(Map<String, String> attrs) {
    if (!ulimits.isEmpty()) {
      for (String ulimit : ulimits) {
        if (!ULIMIT.matcher(ulimit).matches()) {
          throw new UsageException("--ulimit: want name=soft[:hard], got '" + ulimit + "'");
        }
      }
      attrs.put("ulimit", Csv.line(ulimits));
    }
    if (shmSize != null) {
      attrs.put("shm-size", Long.toString(Sizes.bytes("--shm-size", shmSize)));
    }
    if (cgroupParent != null) {
      attrs.put("cgroup-parent", cgroupParent);
    }
    for (String resource : resources) {
      Csv.fields(resource).forEach(field -> add(field, attrs));
    }
  }

  private static void add(String field, Map<String, String> attrs) {
    int equals = field.indexOf('=');
    String key = equals < 0 ? field : field.substring(0, equals);
    String option = OPTIONS.get(key);
    if (option == null || equals < 0) {
      throw new UsageException(
          RESOURCE
              + ": want key=value, got '"
              + field
              + "'"
              + (option == null ? Suggestion.of(key, OPTIONS.keySet()) : "")
              + "; known are "
              + String.join(", ", OPTIONS.keySet()));
    }
    attrs.put(option, value(key, field.substring(equals + 1)));
  }

  private static String value(String key, String text) {
    if (key.startsWith("memory")) {
      boolean unlimited = key.equals("memory-swap") && text.equals("-1");
      return unlimited ? text : Long.toString(Sizes.bytes(RESOURCE + " " + key, text));
    }
    boolean set = key.startsWith("cpuset");
    if (!(set ? SET : NUMBER).matcher(text).matches()) {
      throw new UsageException(
          RESOURCE
              + " "
              + key
              + ": want "
              + (set ? "a list such as 0-2,5" : "a number")
              + ", got '"
              + text
              + "'");
    }
    return text;
  }
}
