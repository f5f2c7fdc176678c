/** The Dockerfile frontend: a request to LLB graphs and image configs. */
@NullMarked
package dev.jbuild.dockerfile;

import org.jspecify.annotations.NullMarked;
