/** Ports between the daemon and a frontend that turns a request into LLB. */
@NullMarked
package dev.jbuild.frontend;

import org.jspecify.annotations.NullMarked;
