package dev.luthier.server.store;

/**
 * One page of a list.
 *
 * @param number from 0
 * @param size 1 to 100
 */
public record Page(int number, int size) {
    public Page {
        if (number < 0 || size < 1) {
            throw new IllegalArgumentException("page " + number + " of size " + size);
        }
    }

    /** Rows before this page. */
    public long offset() {
        return (long) number * size;
    }
}
