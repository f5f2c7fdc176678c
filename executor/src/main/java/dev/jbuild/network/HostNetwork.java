package dev.jbuild.network;

import dev.jbuild.llb.NetMode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The host's own network: no namespace, no address, no rule, the host's resolver. */
public final class HostNetwork implements NetworkProvider {

  @Override
  public NetworkHandle open(NetworkRequest request) {
    return new Handle();
  }

  private record Handle() implements NetworkHandle {
    @Override
    public NetMode mode() {
      return NetMode.HOST;
    }

    @Override
    public @Nullable String namespacePath() {
      return null;
    }

    @Override
    public @Nullable String resolvConf() {
      return null;
    }

    @Override
    public List<String> addresses() {
      return List.of();
    }

    @Override
    public void close() {}
  }
}
