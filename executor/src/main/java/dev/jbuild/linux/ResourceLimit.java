package dev.jbuild.linux;

/**
 * A limit of this process, {@link #UNLIMITED} for none. Source: getrlimit(2).
 *
 * @param soft what is enforced
 * @param hard up to where the soft limit may be raised
 */
public record ResourceLimit(long soft, long hard) {
  public static final long UNLIMITED = -1;
}
