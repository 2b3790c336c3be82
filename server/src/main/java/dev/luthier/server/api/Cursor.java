package dev.luthier.server.api;

import org.jspecify.annotations.Nullable;

/**
 * Where a page of a list begins, by its last item rather than by a number.
 *
 * @param after public id of the item that the page follows; null for the first page
 * @param limit most items of the page, at least 1
 */
public record Cursor(@Nullable String after, int limit) {}
