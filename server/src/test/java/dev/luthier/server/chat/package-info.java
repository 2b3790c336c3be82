/** Chat over HTTP against a program that stands in for the worker. */
@NullMarked
package dev.luthier.server.chat;

import org.jspecify.annotations.NullMarked;
