/** Explains failed steps by what was seen of their networks and of the host's. */
@NullMarked
package dev.jbuild.network.diagnosis;

import org.jspecify.annotations.NullMarked;
