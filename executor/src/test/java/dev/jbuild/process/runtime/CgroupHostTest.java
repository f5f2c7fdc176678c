package dev.jbuild.process.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.process.runtime.CgroupHost.Layout;
import dev.jbuild.process.runtime.OciRuntime.Kind;
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
    assertEquals(List.of(), host.wrapper(Kind.CRUN, true));
    assertFalse(host.places(Path.of("/sys/fs/cgroup/one")));
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
  void secondVersionIsHiddenFromCrunAndFromRuntimesThatWouldMoveAWatchedStep() {
    var hybrid = CgroupHost.of(both(), true);
    assertEquals("unshare", hybrid.wrapper(Kind.CRUN, false).getFirst());
    assertEquals(List.of(), hybrid.wrapper(Kind.RUNC, false));
    assertEquals("unshare", hybrid.wrapper(Kind.RUNC, true).getFirst());
    var beside = CgroupHost.of(both(), false);
    assertEquals(List.of(), beside.wrapper(Kind.CRUN, false));
    assertEquals("unshare", beside.wrapper(Kind.CRUN, true).getFirst());
  }

  @Test
  void runtimePlacesStepsOnlyInWritableGroupsOfItsOwnMount() {
    var host = new CgroupHost(Layout.V2, List.of(Path.of("/sys/fs/cgroup")), true, false);
    assertTrue(host.places(Path.of("/sys/fs/cgroup/jbuild_1/s1")));
    assertEquals("/jbuild_1/s1", host.path(Path.of("/sys/fs/cgroup/jbuild_1/s1")));
    assertFalse(host.places(Path.of("/proc/1/fd/9/jbuild_1/s1")));
    var readOnly = new CgroupHost(Layout.V2, List.of(Path.of("/sys/fs/cgroup")), false, false);
    assertFalse(readOnly.places(Path.of("/sys/fs/cgroup/jbuild_1/s1")));
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
