/** Port to the kernel: mounts, namespaces, attributes; only calls that are safe inside a JVM. */
@NullMarked
package dev.jbuild.linux;

import org.jspecify.annotations.NullMarked;
