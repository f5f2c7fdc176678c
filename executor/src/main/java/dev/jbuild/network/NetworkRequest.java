package dev.jbuild.network;

import dev.jbuild.netplan.NetworkPlan;

/**
 * Who wants a network.
 *
 * @param stepId unique among the steps that run now; for names and messages
 * @param plan of the step's build
 */
public record NetworkRequest(String stepId, NetworkPlan plan) {}
