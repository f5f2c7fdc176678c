/** Ignore files and path patterns, shared by the client, the frontend and the worker. */
@NullMarked
package dev.jbuild.ignore;

import org.jspecify.annotations.NullMarked;
