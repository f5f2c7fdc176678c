package dev.jbuild.daemon.frontends;

import dev.jbuild.daemon.api.WorkerInfo;
import dev.jbuild.daemon.build.BuildRun;
import dev.jbuild.llb.Definition;
import dev.jbuild.llb.ExecMeta;
import dev.jbuild.llb.NetMode;
import dev.jbuild.llb.wire.DefinitionEncoder;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.ContainerConfig;
import dev.jbuild.oci.Platform;
import dev.jbuild.oci.json.Json;
import dev.jbuild.oci.json.JsonText;
import dev.jbuild.ops.SandboxedProgram;
import dev.jbuild.process.ProcessRequest;
import dev.jbuild.solver.Result;
import dev.jbuild.solver.llb.Place;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a frontend's program is called. Source: reference wire-gateway, section 6.
 *
 * @param source the image as users wrote it
 * @param image the graph of its files
 */
record FrontendCall(String source, ContainerConfig config, Definition image, WorkerInfo worker) {
  private static final String NO_NETWORK = "moby.buildkit.frontend.network.none";
  private static final String GRAPH = "/run/config/buildkit/metadata/frontend.bin";
  private static final int READABLE = 0444;

  SandboxedProgram.Call of(Result root, BuildRun build, Map<String, String> attrs) {
    boolean alone = "true".equals(config.labels().get(NO_NETWORK));
    var place = new Place("frontend image '" + source + "'", List.of());
    var graph = Bytes.copyOf(DefinitionEncoder.toWire(image).toByteArray());
    var file = new ProcessRequest.SandboxFile(GRAPH, READABLE, 0, 0, secret(graph));
    return new SandboxedProgram.Call(
        root,
        meta(environment(build, attrs)),
        alone ? NetMode.NONE : NetMode.SANDBOX,
        build.network(),
        real -> build.checkNetwork(real, place),
        new ProcessRequest.Hidden(List.of(file), List.of()));
  }

  private static ProcessRequest.Content secret(Bytes bytes) {
    return new ProcessRequest.Secret(bytes);
  }

  private ExecMeta meta(List<String> env) {
    return new ExecMeta(
        config.entrypoint().isEmpty() ? List.of("/run") : config.entrypoint(),
        env,
        config.workingDir().isEmpty() ? "/" : config.workingDir(),
        "",
        ExecMeta.ProxyEnv.NONE,
        List.of(),
        "",
        List.of(),
        "",
        false,
        List.of());
  }

  private List<String> environment(BuildRun build, Map<String, String> attrs) {
    var env = new ArrayList<>(config.env());
    int number = 0;
    for (var attr : attrs.entrySet()) {
      env.add("BUILDKIT_FRONTEND_OPT_" + number++ + "=" + attr.getKey() + "=" + attr.getValue());
    }
    env.add("BUILDKIT_SESSION_ID=" + build.sessionId());
    env.add("BUILDKIT_WORKERS=" + workers());
    env.add("BUILDKIT_EXPORTEDPRODUCT=jbuild");
    return env;
  }

  private String workers() {
    var labels = new LinkedHashMap<String, Json>();
    worker.labels().forEach((name, value) -> labels.put(name, new Json.Text(value)));
    var platforms = new ArrayList<Json>();
    for (Platform platform : worker.platforms()) {
      var members = new LinkedHashMap<String, Json>();
      members.put("architecture", new Json.Text(platform.architecture()));
      members.put("os", new Json.Text(platform.os()));
      if (!platform.variant().isEmpty()) {
        members.put("variant", new Json.Text(platform.variant()));
      }
      platforms.add(new Json.Obj(members));
    }
    var one = new LinkedHashMap<String, Json>();
    one.put("id", new Json.Text(worker.id()));
    one.put("labels", new Json.Obj(labels));
    one.put("platforms", new Json.Arr(platforms));
    return JsonText.compact(new Json.Arr(List.of(new Json.Obj(one))));
  }
}
