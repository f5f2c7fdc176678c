package dev.jbuild.ops;

import dev.jbuild.network.BuildNetworks;
import dev.jbuild.network.diagnosis.Diagnosis;

/**
 * The networks of all steps.
 *
 * @param surroundings the daemon's own rules for them (ceiling, resolvers), in words that change
 *     when those do: part of the cache key of a step that used its network
 * @param diagnosis of steps that failed
 */
public record StepNetworks(BuildNetworks networks, String surroundings, Diagnosis diagnosis) {}
