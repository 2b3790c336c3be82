/** What the programs are measured on: models of public shapes and data of known lengths. */
@NullMarked
package dev.luthier.bench.train.input;

import org.jspecify.annotations.NullMarked;
