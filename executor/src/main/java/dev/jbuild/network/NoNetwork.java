package dev.jbuild.network;

import dev.jbuild.linux.Descriptor;
import dev.jbuild.linux.netlink.NetworkThread;
import dev.jbuild.llb.NetMode;
import java.io.IOException;
import java.util.List;

/** A namespace of the step's own with nothing in it but the loopback. */
public final class NoNetwork implements NetworkProvider {
  private final NetworkThread thread;

  /**
   * @param thread stays the caller's
   */
  public NoNetwork(NetworkThread thread) {
    this.thread = thread;
  }

  @Override
  public NetworkHandle open(NetworkRequest request) throws IOException {
    return new Handle(
        thread.run(
            scope -> {
              var made = scope.makeNetwork();
              try (made) {
                made.links().exchange(scope.batch().loopbackUp().batch());
              } catch (IOException e) {
                made.network().close();
                throw e;
              }
              return made.network();
            }));
  }

  private record Handle(Descriptor network) implements NetworkHandle {
    @Override
    public NetMode mode() {
      return NetMode.NONE;
    }

    @Override
    public String namespacePath() {
      return network.path().toString();
    }

    @Override
    public String resolvConf() {
      return "# this step has no network, so no resolver\n";
    }

    @Override
    public List<String> addresses() {
      return List.of();
    }

    @Override
    public void close() {
      network.close();
    }
  }
}
