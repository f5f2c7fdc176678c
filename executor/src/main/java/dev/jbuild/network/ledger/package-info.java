/** What a step did in its network, as it was seen. */
@NullMarked
package dev.jbuild.network.ledger;

import org.jspecify.annotations.NullMarked;
