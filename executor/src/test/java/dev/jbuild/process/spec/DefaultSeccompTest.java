package dev.jbuild.process.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.process.spec.SeccompProfile.Comparison;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DefaultSeccompTest {
  private static final SeccompProfile PROFILE =
      DefaultSeccomp.profile("amd64", Capabilities.DEFAULT);

  private static List<SeccompProfile.Rule> rules(SeccompProfile profile, String name) {
    var found = new ArrayList<SeccompProfile.Rule>();
    for (var rule : profile.rules()) {
      if (rule.names().contains(name)) {
        found.add(rule);
      }
    }
    return found;
  }

  @Test
  void callsThatReachTheHostAreNotNamed() {
    for (String call :
        List.of(
            "mount",
            "umount2",
            "unshare",
            "setns",
            "bpf",
            "keyctl",
            "add_key",
            "request_key",
            "io_uring_setup",
            "init_module",
            "kexec_load",
            "reboot",
            "swapon",
            "userfaultfd",
            "open_by_handle_at",
            "perf_event_open",
            "fsopen",
            "settimeofday")) {
      assertEquals(List.of(), rules(PROFILE, call), call);
    }
  }

  @Test
  void callsThatProgramsNeedAreAllowed() {
    for (String call : List.of("read", "openat2", "execve", "ptrace", "chroot", "fchmodat2")) {
      var rules = rules(PROFILE, call);
      assertEquals(1, rules.size(), call);
      assertEquals(0, rules.getFirst().errno());
      assertEquals(List.of(), rules.getFirst().conditions());
    }
  }

  @Test
  void noCallIsNamedTwiceWithoutConditions() {
    var seen = new ArrayList<String>();
    for (var rule : PROFILE.rules()) {
      if (rule.conditions().isEmpty()) {
        seen.addAll(rule.names());
      }
    }
    assertEquals(seen.size(), seen.stream().distinct().count());
  }

  @Test
  void clonePassesOnlyWithoutNewNamespaces() {
    var clone = rules(PROFILE, "clone");
    assertEquals(1, clone.size());
    var condition = clone.getFirst().conditions().getFirst();
    assertEquals(Comparison.MASKED_EQUAL, condition.comparison());
    assertEquals(0x7e020000L, condition.value());
    assertEquals(0, condition.second());
  }

  @Test
  void clone3IsSaidNotToExist() {
    assertEquals(38, rules(PROFILE, "clone3").getFirst().errno());
  }

  @Test
  void socketsOfTheHypervisorAndTheKernelsCryptographyAreLeftOut() {
    for (var rule : rules(PROFILE, "socket")) {
      var condition = rule.conditions().getFirst();
      boolean hit =
          switch (condition.comparison()) {
            case LESS -> 38 < condition.value();
            case EQUAL -> condition.value() == 38 || condition.value() == 40;
            case MASKED_EQUAL -> true;
          };
      assertFalse(hit, rule.toString());
    }
    assertTrue(rules(PROFILE, "socket").size() > 20);
  }

  @Test
  void capabilitiesOpenTheirCalls() {
    var admin = DefaultSeccomp.profile("amd64", List.of("CAP_SYS_ADMIN"));
    assertEquals(1, rules(admin, "mount").size());
    assertEquals(List.of(), rules(admin, "clone").getFirst().conditions());
    assertEquals(0, rules(admin, "clone3").getFirst().errno());
    assertEquals(List.of(), rules(admin, "chroot"));
  }

  @Test
  void machineBringsItsOldArchitectures() {
    assertEquals(
        List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"), PROFILE.architectures());
    assertEquals(
        List.of("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"),
        DefaultSeccomp.profile("aarch64", List.of()).architectures());
  }
}
