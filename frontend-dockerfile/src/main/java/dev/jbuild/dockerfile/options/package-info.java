/** What the client asked for, read once from the request's attributes. */
@NullMarked
package dev.jbuild.dockerfile.options;

import org.jspecify.annotations.NullMarked;
