/** What the state directory holds, told to users, and collected by their wish or by policies. */
@NullMarked
package dev.jbuild.daemon.storage;

import org.jspecify.annotations.NullMarked;
