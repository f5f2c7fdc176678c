/** Client of the distribution protocol: resolve, pull, authenticate, retry. */
@NullMarked
package dev.jbuild.registry;

import org.jspecify.annotations.NullMarked;
