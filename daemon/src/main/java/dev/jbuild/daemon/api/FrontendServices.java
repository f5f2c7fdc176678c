package dev.jbuild.daemon.api;

import dev.jbuild.daemon.gateway.Gateway;
import dev.jbuild.llb.wire.Caps;
import dev.jbuild.llb.wire.DefinitionDecoder;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.services.HealthStatusManager;
import java.util.List;
import java.util.concurrent.ThreadFactory;

/**
 * What the daemon offers to a frontend that it runs itself. Source: reference wire-gateway, section
 * 6.
 *
 * @param threads cheap ones: one for each call
 */
public record FrontendServices(WorkerInfo worker, ThreadFactory threads) {

  /** Definitions for a server that only this frontend calls. */
  public List<ServerServiceDefinition> of(Gateway gateway) {
    var failures = new Failures();
    var messages = new BridgeMessages(new DefinitionDecoder(Caps.KNOWN));
    var bridge = new BridgeService(() -> () -> gateway, worker, messages, failures, threads);
    return List.of(
        ServerInterceptors.intercept(
            bridge, new RequestHeaders(), new ExceptionInterceptor(failures)),
        new HealthStatusManager().getHealthService().bindService());
  }
}
