package dev.jbuild.network;

/**
 * Who wants a network.
 *
 * @param stepId unique among the steps that run now; for names and messages
 */
public record NetworkRequest(String stepId) {}
