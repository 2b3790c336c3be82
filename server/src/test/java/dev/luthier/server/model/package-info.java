/** Tests of models and adapters. */
@NullMarked
package dev.luthier.server.model;

import org.jspecify.annotations.NullMarked;
