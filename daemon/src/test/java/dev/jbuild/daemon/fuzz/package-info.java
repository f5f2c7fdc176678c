/** Conversations that are recorded whole, changed by chance, and held again with what must bear. */
@NullMarked
package dev.jbuild.daemon.fuzz;

import org.jspecify.annotations.NullMarked;
