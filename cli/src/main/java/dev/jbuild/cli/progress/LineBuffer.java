package dev.jbuild.cli.progress;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a stream of text into lines. A carriage return makes what comes next replace the line, as on
 * a terminal, so that a tool's progress bar becomes one line.
 */
final class LineBuffer {
  /** A line longer than this is shown in parts. */
  private static final int LIMIT = 16 * 1024;

  private final StringBuilder pending = new StringBuilder();
  private boolean returned;

  List<String> add(String text) {
    var complete = new ArrayList<String>();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n') {
        complete.add(take());
      } else if (c == '\r') {
        returned = true;
      } else {
        if (returned) {
          pending.setLength(0);
          returned = false;
        }
        pending.append(c);
        if (pending.length() >= LIMIT && !Character.isHighSurrogate(c)) {
          complete.add(take());
        }
      }
    }
    return complete;
  }

  List<String> flush() {
    return pending.isEmpty() ? List.of() : List.of(take());
  }

  private String take() {
    String line = pending.toString();
    pending.setLength(0);
    returned = false;
    return line;
  }
}
