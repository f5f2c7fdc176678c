/** Tests of the daemon as a whole over a toy engine. */
package dev.jbuild.daemon;
