package dev.jbuild.solver;

/** One output of a vertex, 0-based. */
public record Edge(Vertex vertex, int index) {}
