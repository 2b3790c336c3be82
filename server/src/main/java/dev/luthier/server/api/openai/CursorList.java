package dev.luthier.server.api.openai;

import java.util.List;
import java.util.function.Function;

/**
 * One page of a list as OpenAI's clients follow it: the next request's {@code after} is {@code lastId}. Strict clients
 * type the two ids as strings, so those of an empty page are empty, not null.
 */
record CursorList<T>(String object, List<T> data, String firstId, String lastId, boolean hasMore) {
    /**
     * @param found at least the page's items; one more, if there is one, tells that the list goes on
     * @param limit items of a page
     */
    static <T> CursorList<T> of(List<T> found, int limit, Function<T, String> id) {
        List<T> page = List.copyOf(found.subList(0, Math.min(limit, found.size())));
        return new CursorList<>("list", page, page.isEmpty() ? "" : id.apply(page.getFirst()),
                page.isEmpty() ? "" : id.apply(page.getLast()), found.size() > limit);
    }
}
