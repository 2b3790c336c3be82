package dev.luthier.core.jinja;

/** HTML escaping, as the filter {@code escape} does it. Chat templates are rendered without automatic escaping. */
final class Markup {
    private Markup() {}

    static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#39;")
                .replace("\"", "&#34;");
    }
}
