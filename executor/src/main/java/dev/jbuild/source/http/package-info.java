/** Single files of the web as sources of a build. */
@NullMarked
package dev.jbuild.source.http;

import org.jspecify.annotations.NullMarked;
