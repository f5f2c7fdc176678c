/** A session whose client is this very process: its directories are read where they lie. */
@NullMarked
package dev.jbuild.session.direct;

import org.jspecify.annotations.NullMarked;
