/** Records of builds: kept in files, listed, pinned, forgotten by age and number. */
@NullMarked
package dev.jbuild.daemon.history;

import org.jspecify.annotations.NullMarked;
