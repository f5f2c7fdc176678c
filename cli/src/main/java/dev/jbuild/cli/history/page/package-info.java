/** One build as one page of HTML that needs nothing else. */
@NullMarked
package dev.jbuild.cli.history.page;

import org.jspecify.annotations.NullMarked;
