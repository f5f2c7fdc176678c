package dev.jbuild.source.http;

import java.net.URI;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names for downloaded files. Source: RFC 6266, RFC 2183; the field's rule of what wins. */
final class FileNames {
  private static final Pattern DISPOSITION =
      Pattern.compile(
          ";\\s*filename\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^;\\s\"]+))",
          Pattern.CASE_INSENSITIVE);
  private static final String NAMELESS = "download";

  private FileNames() {}

  /** The name that the server gives, else the last part of the URL's path. */
  static String of(URI url, String contentDisposition) {
    Matcher given = DISPOSITION.matcher(contentDisposition);
    if (given.find()) {
      String quoted = given.group(1);
      String name = quoted == null ? given.group(2) : quoted.replaceAll("\\\\(.)", "$1");
      if (!name.endsWith("/") && !last(name).isEmpty()) {
        return last(name);
      }
    }
    String path = url.getPath();
    String base = path == null ? "" : last(path);
    return base.isEmpty() ? NAMELESS : base;
  }

  /** Empty where no file can have that name. */
  private static String last(String path) {
    String trimmed = path.replaceAll("/+$", "");
    String name = trimmed.substring(trimmed.lastIndexOf('/') + 1);
    return name.equals(".") || name.equals("..") || name.indexOf('\0') >= 0 ? "" : name;
  }
}
