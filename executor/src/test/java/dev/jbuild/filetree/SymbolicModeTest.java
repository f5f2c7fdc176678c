package dev.jbuild.filetree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SymbolicModeTest {
  @ParameterizedTest
  @CsvSource({
    "'u=rwX,g-w', 664, false, 644",
    "'u=rwX,g-w', 664, true, 744",
    "'a+x', 640, false, 751",
    "'+x', 640, false, 751",
    "'go=', 777, false, 700",
    "'u+s', 755, false, 4755",
    "'g+s,o-rx', 755, true, 2750",
    "'+t', 777, true, 1777",
    "'u=rw,go=r', 777, false, 644",
    "'u-x+w', 500, false, 600",
    "'X', 0, false, ''",
    "'0750', 644, false, 750",
    "'4755', 644, false, 4755",
  })
  void modeIsChangedAsChmodDoes(String text, String before, boolean directory, String after) {
    if (after.isEmpty()) {
      assertThrows(BuildException.class, () -> SymbolicMode.parse(text));
      return;
    }
    int changed = SymbolicMode.parse(text).applyTo(Integer.parseInt(before, 8), directory);
    assertEquals(after, Integer.toOctalString(changed));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "u", "rwx", "u=q", "99", "77777", "u=r,,g=r", "z+x"})
  void whatIsNoModeIsRefused(String text) {
    var e = assertThrows(BuildException.class, () -> SymbolicMode.parse(text));
    assertEquals(
        "mode '" + text + "': want octal digits or a form such as u=rwX,go-w", e.message());
  }
}
