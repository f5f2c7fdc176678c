package dev.jbuild.llb;

/** A secret given to a step as an environment variable. */
public record SecretEnv(String id, String name, boolean optional) {}
