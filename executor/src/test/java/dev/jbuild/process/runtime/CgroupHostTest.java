package dev.jbuild.process.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.process.runtime.CgroupHost.Layout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CgroupHostTest {
  private static final List<String> VERSION_1 =
      List.of(
          "31 23 0:28 / /sys/fs/cgroup rw,relatime shared:3 - tmpfs tmpfs rw,mode=755",
          "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu",
          "33 31 0:30 / /sys/fs/cgroup/devices rw,relatime - cgroup cgroup rw,devices");
  private static final String UNIFIED =
      "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw";

  private static List<String> both() {
    var lines = new ArrayList<>(VERSION_1);
    lines.add(UNIFIED);
    return lines;
  }

  @Test
  void onlyVersion1() {
    var host = CgroupHost.of(VERSION_1, false);
    assertEquals(Layout.V1, host.layout());
    assertEquals(
        List.of(Path.of("/sys/fs/cgroup/cpu"), Path.of("/sys/fs/cgroup/devices")),
        host.hierarchies());
    assertEquals(List.of(), host.wrapper());
  }

  @Test
  void onlyVersion2() {
    var host =
        CgroupHost.of(
            List.of("31 23 0:28 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw,nsdelegate"),
            false);
    assertEquals(Layout.V2, host.layout());
    assertEquals(List.of(Path.of("/sys/fs/cgroup")), host.hierarchies());
  }

  @Test
  void version2BesideVersion1MattersOnlyWithControllers() {
    assertEquals(Layout.HYBRID, CgroupHost.of(both(), true).layout());
    assertEquals(Layout.V1, CgroupHost.of(both(), false).layout());
  }

  @Test
  void laterMountHidesAnEarlierOne() {
    var lines = both();
    lines.add("50 23 0:50 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw");
    assertEquals(Layout.V2, CgroupHost.of(lines, true).layout());
  }

  @Test
  void noGroupsAtAll() {
    var host =
        CgroupHost.of(List.of("23 27 0:22 / /sys rw,relatime - sysfs sysfs rw", "", "x y"), false);
    assertEquals(Layout.NONE, host.layout());
    assertEquals(List.of(), host.hierarchies());
  }

  @Test
  void groupLiesBelowItsParent() {
    assertEquals("/jbuild/t-1", CgroupHost.path("", "t-1"));
    assertEquals("/mine/t-1", CgroupHost.path("mine", "t-1"));
    assertEquals("/mine/t-1", CgroupHost.path("/mine", "t-1"));
  }
}
