/** Port to what comes into a build from outside; one package a kind. */
@NullMarked
package dev.jbuild.source;

import org.jspecify.annotations.NullMarked;
