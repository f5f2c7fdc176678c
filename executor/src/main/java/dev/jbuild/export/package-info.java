/** Port to what leaves a build, and what its implementations share; one package a kind. */
@NullMarked
package dev.jbuild.export;

import org.jspecify.annotations.NullMarked;
