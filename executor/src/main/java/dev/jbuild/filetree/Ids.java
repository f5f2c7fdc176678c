package dev.jbuild.filetree;

/** A user and a group, by number. */
public record Ids(int uid, int gid) {
  static final Ids ROOT = new Ids(0, 0);
}
