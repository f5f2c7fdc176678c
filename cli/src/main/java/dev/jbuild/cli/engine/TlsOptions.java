package dev.jbuild.cli.engine;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * TLS to a daemon; PEM files.
 *
 * @param ca whom the daemon's certificate is from; null for those that the platform trusts
 * @param cert shown to the daemon, null for none
 * @param key of that certificate
 * @param serverName that the daemon's certificate is for; null for the address's host
 */
public record TlsOptions(
    @Nullable Path ca, @Nullable Path cert, @Nullable Path key, @Nullable String serverName) {}
