/** File-system states as stacks of layer directories. */
@NullMarked
package dev.jbuild.snapshot;

import org.jspecify.annotations.NullMarked;
