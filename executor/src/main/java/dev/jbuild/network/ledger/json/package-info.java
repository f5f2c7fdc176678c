/** The ledger of a build as JSON. */
@NullMarked
package dev.jbuild.network.ledger.json;

import org.jspecify.annotations.NullMarked;
