/** Ports that a build's client serves: files, outputs, secrets, credentials. */
@NullMarked
package dev.jbuild.session;

import org.jspecify.annotations.NullMarked;
