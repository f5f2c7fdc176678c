/** The sessions of clients: found by their ids, and what a request without one gets. */
@NullMarked
package dev.jbuild.daemon.session;

import org.jspecify.annotations.NullMarked;
