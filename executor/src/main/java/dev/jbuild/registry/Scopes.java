package dev.jbuild.registry;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Rights as token servers spell them: {@code repository:app:pull,push}. Source: distribution's
 * "Token Scope Documentation".
 *
 * @param texts sorted; one for each thing that they are rights to, its actions sorted
 */
record Scopes(List<String> texts) {

  Scopes {
    var actions = new TreeMap<String, Set<String>>();
    for (String text : texts) {
      int colon = text.lastIndexOf(':');
      Set<String> known = actions.computeIfAbsent(subject(text), key -> new TreeSet<>());
      if (colon >= 0) {
        Collections.addAll(known, text.substring(colon + 1).split(",", -1));
      }
    }
    var merged = new ArrayList<String>();
    actions.forEach(
        (subject, wanted) ->
            merged.add(wanted.isEmpty() ? subject : subject + ":" + String.join(",", wanted)));
    texts = List.copyOf(merged);
  }

  /** What a right is to: {@code repository:app}. */
  private static String subject(String text) {
    int colon = text.lastIndexOf(':');
    return colon < 0 ? text : text.substring(0, colon);
  }

  /** Whether one of these is a right to the same thing. */
  boolean name(String text) {
    return texts.stream().anyMatch(each -> subject(each).equals(subject(text)));
  }

  Scopes plus(Collection<String> more) {
    var all = new ArrayList<>(texts);
    all.addAll(more);
    return new Scopes(all);
  }
}
