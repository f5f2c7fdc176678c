package dev.jbuild.llb;

/** A device of the container device interface. */
public record CdiDevice(String name, boolean optional) {}
