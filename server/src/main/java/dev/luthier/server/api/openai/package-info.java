/** OpenAI's dialect: its wire records, its controllers, and how they map to jobs, files and models. */
@NullMarked
package dev.luthier.server.api.openai;

import org.jspecify.annotations.NullMarked;
