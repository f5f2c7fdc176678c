/** Networks of build steps: one class per mode behind one port. */
@NullMarked
package dev.jbuild.network;

import org.jspecify.annotations.NullMarked;
