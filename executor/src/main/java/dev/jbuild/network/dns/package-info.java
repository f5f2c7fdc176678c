/** Answers the names that steps ask for, by asking the host's real resolvers and nobody else. */
@NullMarked
package dev.jbuild.network.dns;

import org.jspecify.annotations.NullMarked;
