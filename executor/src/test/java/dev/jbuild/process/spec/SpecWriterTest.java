package dev.jbuild.process.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.llb.OpMetadata.LinuxResources;
import dev.jbuild.process.spec.RuntimeSpec.Device;
import dev.jbuild.process.spec.RuntimeSpec.DeviceAccess;
import dev.jbuild.process.spec.RuntimeSpec.Linux;
import dev.jbuild.process.spec.RuntimeSpec.MountPoint;
import dev.jbuild.process.spec.RuntimeSpec.Namespace;
import dev.jbuild.process.spec.RuntimeSpec.Resources;
import dev.jbuild.process.spec.RuntimeSpec.Rlimit;
import dev.jbuild.process.spec.RuntimeSpec.Root;
import dev.jbuild.process.spec.RuntimeSpec.StepProcess;
import dev.jbuild.process.spec.RuntimeSpec.User;
import dev.jbuild.process.spec.SeccompProfile.Comparison;
import dev.jbuild.process.spec.SeccompProfile.Condition;
import dev.jbuild.process.spec.SeccompProfile.Rule;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SpecWriterTest {

  @Test
  void everythingHasItsPlaceInTheSpecification() {
    var condition = new Condition(0, Comparison.EQUAL, 0xffffffffL, 0);
    var profile =
        new SeccompProfile(
            1,
            List.of("SCMP_ARCH_X86_64"),
            List.of(
                new Rule(List.of("a", "b"), 0, List.of()),
                new Rule(List.of("c"), 38, List.of(condition))));
    var spec =
        new RuntimeSpec(
            new StepProcess(
                new User(4294967294L, 2, List.of(2L, 3L)),
                List.of("sh", "-c", "echo \"é\"\n"),
                List.of("A=1"),
                "/w",
                List.of("CAP_KILL"),
                List.of(new Rlimit("RLIMIT_NOFILE", 5, -1)),
                0,
                false),
            new Root("/r", true),
            "h",
            List.of(new MountPoint("/d", "bind", "/s", List.of("rbind", "ro"))),
            new Linux(
                List.of(new Namespace("pid", null), new Namespace("network", "/n")),
                List.of(new Device("/dev/x", "c", 1, 2, 0600, 3, 4)),
                new Resources(DeviceAccess.DEFAULT, new LinuxResources(1, -1, 2, 3, 4, "0-1", "0")),
                "/jbuild/x",
                Map.of("k", "v"),
                profile,
                List.of("/m"),
                List.of("/o")),
            Map.of("b", "2", "a", "1"));
    assertEquals(
        """
        {"ociVersion":"1.0.2","process":{"terminal":false,"user":{"uid":4294967294,"gid":2,\
        "additionalGids":[2,3]},"args":["sh","-c","echo \\"é\\"\\n"],"env":["A=1"],"cwd":"/w",\
        "capabilities":{"bounding":["CAP_KILL"],"effective":["CAP_KILL"],"permitted":["CAP_KILL"]},\
        "rlimits":[{"type":"RLIMIT_NOFILE","hard":18446744073709551615,"soft":5}],"oomScoreAdj":0,\
        "noNewPrivileges":false},"root":{"path":"/r","readonly":true},"hostname":"h","mounts":[\
        {"destination":"/d","type":"bind","source":"/s","options":["rbind","ro"]}],"linux":{\
        "namespaces":[{"type":"pid"},{"type":"network","path":"/n"}],"devices":[{"path":"/dev/x",\
        "type":"c","major":1,"minor":2,"fileMode":384,"uid":3,"gid":4}],"resources":{"devices":[\
        {"allow":false,"access":"rwm"}],"memory":{"limit":1,"swap":-1},"cpu":{"shares":2,\
        "period":3,"quota":4,"cpus":"0-1","mems":"0"}},"cgroupsPath":"/jbuild/x","sysctl":{\
        "k":"v"},"seccomp":{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":1,"architectures":[\
        "SCMP_ARCH_X86_64"],"syscalls":[{"names":["a","b"],"action":"SCMP_ACT_ALLOW","args":[]},\
        {"names":["c"],"action":"SCMP_ACT_ERRNO","errnoRet":38,"args":[{"index":0,\
        "value":4294967295,"valueTwo":0,"op":"SCMP_CMP_EQ"}]}]},"maskedPaths":["/m"],\
        "readonlyPaths":["/o"]},"annotations":{"a":"1","b":"2"}}""",
        new String(SpecWriter.write(spec), StandardCharsets.UTF_8));
  }

  @Test
  void whatIsNotSaidIsLeftOut() {
    var spec =
        new RuntimeSpec(
            new StepProcess(
                new User(0, 0, List.of()),
                List.of("true"),
                List.of(),
                "/",
                List.of(),
                List.of(),
                null,
                false),
            new Root("/r", false),
            "",
            List.of(),
            new Linux(
                List.of(),
                List.of(),
                new Resources(DeviceAccess.UNGUARDED, null),
                "",
                Map.of(),
                null,
                List.of(),
                List.of()),
            Map.of());
    assertEquals(
        """
        {"ociVersion":"1.0.2","process":{"terminal":false,"user":{"uid":0,"gid":0,\
        "additionalGids":[]},"args":["true"],"env":[],"cwd":"/","capabilities":{"bounding":[],\
        "effective":[],"permitted":[]},"rlimits":[],"noNewPrivileges":false},"root":{"path":"/r",\
        "readonly":false},"mounts":[],"linux":{"namespaces":[],"devices":[],"resources":{},\
        "sysctl":{},"maskedPaths":[],"readonlyPaths":[]},"annotations":{}}""",
        new String(SpecWriter.write(spec), StandardCharsets.UTF_8));
  }
}
