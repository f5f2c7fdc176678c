/** Rules that allow, deny or replace what builds bring in, as records; nothing evaluates here. */
@NullMarked
package dev.jbuild.sourcepolicy;

import org.jspecify.annotations.NullMarked;
