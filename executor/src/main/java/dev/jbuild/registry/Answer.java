package dev.jbuild.registry;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A response whose body is still to be read. Closing it gives up what was not read.
 *
 * @param url that was asked in the end, after redirects
 */
public record Answer(
    String method, URI url, int status, Map<String, List<String>> headers, InputStream body)
    implements AutoCloseable {

  public Answer {
    headers = Map.copyOf(headers);
  }

  /** The first value of a header, or empty text. */
  public String header(String name) {
    List<String> values = headerValues(name);
    return values.isEmpty() ? "" : values.getFirst().strip();
  }

  public List<String> headerValues(String name) {
    return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
  }

  /** Content-Length, if it was sent and is a number. */
  public OptionalLong length() {
    String text = header("content-length");
    return text.matches("[0-9]{1,18}")
        ? OptionalLong.of(Long.parseLong(text))
        : OptionalLong.empty();
  }

  /** Content-Type without its parameters. */
  public String contentType() {
    String type = header("content-type");
    int end = type.indexOf(';');
    return (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
  }

  /** Reads the whole body; at most {@code limit} bytes and one more. */
  byte[] read(int limit) throws IOException {
    return body.readNBytes(limit + 1);
  }

  /** The URL for people: no user, no query (which may carry a signature). */
  public static String redact(URI url) {
    String host = url.getHost() == null ? String.valueOf(url.getAuthority()) : url.getHost();
    String port = url.getPort() < 0 ? "" : ":" + url.getPort();
    return url.getScheme() + "://" + host + port + url.getPath();
  }

  @Override
  public void close() {
    try {
      body.close();
    } catch (IOException e) {
      throw new IllegalStateException("closing a response does not fail", e);
    }
  }
}
