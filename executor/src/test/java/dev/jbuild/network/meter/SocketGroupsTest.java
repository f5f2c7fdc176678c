package dev.jbuild.network.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

final class SocketGroupsTest {
  private static final List<String> SHARED =
      List.of("33 31 0:30 / /sys/fs/cgroup/net_cls rw - cgroup cgroup rw,net_cls,net_prio");
  private static final List<String> OTHERS =
      List.of("33 31 0:30 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu");

  @Test
  void oldKernelsThatShareThePlaceAreRefused() {
    assertEquals(
        "kernel 5.10.0-30-amd64 keeps no group of version 2 for sockets where net_cls or net_prio"
            + " is mounted",
        SocketGroups.refusal("5.10.0-30-amd64", SHARED));
    assertEquals("", SocketGroups.refusal("5.10.0-30-amd64", OTHERS));
  }

  @Test
  void laterKernelsKeepBoth() {
    assertEquals("", SocketGroups.refusal("5.15.0", SHARED));
    assertEquals("", SocketGroups.refusal("6.1.0-21-amd64", SHARED));
  }
}
