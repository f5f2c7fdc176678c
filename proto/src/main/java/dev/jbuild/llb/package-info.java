/** LLB as records: ops, graph nodes, definitions, entitlements, source ranges. No wire types. */
@NullMarked
package dev.jbuild.llb;

import org.jspecify.annotations.NullMarked;
