package dev.jbuild.cli.client;

import dev.jbuild.cli.build.BuildPlan;
import dev.jbuild.cli.build.SecretSpec;
import dev.jbuild.session.Credentials;
import dev.jbuild.session.FileSync;
import dev.jbuild.session.LayoutAccess;
import dev.jbuild.session.OutputSink;
import dev.jbuild.session.Secrets;
import dev.jbuild.session.Session;
import dev.jbuild.session.SshAgents;
import dev.jbuild.session.direct.DirectoryLayouts;
import dev.jbuild.session.direct.GivenSecrets;
import dev.jbuild.session.direct.LocalAgents;
import java.util.Map;
import java.util.TreeMap;

/** What this command line serves to an engine. */
record ClientSession(
    String id,
    FileSync files,
    OutputSink outputs,
    Credentials credentials,
    LayoutAccess layouts,
    Secrets secrets,
    SshAgents agents)
    implements Session {

  /** What a plan offers. */
  static ClientSession of(
      String id, BuildPlan plan, FileSync files, OutputSink outputs, Map<String, String> env) {
    return new ClientSession(
        id,
        files,
        outputs,
        new DockerCredentials(env),
        new DirectoryLayouts(plan.layouts()),
        new GivenSecrets(origins(plan)),
        new LocalAgents(plan.agents()));
  }

  private static Map<String, GivenSecrets.Origin> origins(BuildPlan plan) {
    var origins = new TreeMap<String, GivenSecrets.Origin>();
    plan.secrets()
        .forEach(
            (id, spec) ->
                origins.put(
                    id,
                    switch (spec) {
                      case SecretSpec.InFile file -> new GivenSecrets.InFile(file.path());
                      case SecretSpec.Value value -> new GivenSecrets.Value(value.bytes());
                    }));
    return origins;
  }
}
