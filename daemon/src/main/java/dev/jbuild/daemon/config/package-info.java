/** The daemon's configuration: file and flags to records, checked once at start. */
@NullMarked
package dev.jbuild.daemon.config;

import org.jspecify.annotations.NullMarked;
