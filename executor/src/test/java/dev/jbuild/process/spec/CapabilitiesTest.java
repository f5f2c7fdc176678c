package dev.jbuild.process.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class CapabilitiesTest {

  @Test
  void bitsHaveTheirNames() {
    assertEquals(
        List.of("CAP_CHOWN", "CAP_SYS_ADMIN", "CAP_CHECKPOINT_RESTORE"),
        Capabilities.named(1L | 1L << 21 | 1L << 40 | 1L << 63));
    assertTrue(Capabilities.has(1L << 24, Capabilities.SYS_RESOURCE));
    assertFalse(Capabilities.has(~(1L << 24), Capabilities.SYS_RESOURCE));
  }

  @Test
  void defaultSetIsTheFieldsMask() {
    assertEquals(
        new HashSet<>(Capabilities.named(0xa80425fbL)), new HashSet<>(Capabilities.DEFAULT));
    assertEquals(14, Capabilities.DEFAULT.size());
  }
}
