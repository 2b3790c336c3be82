package dev.luthier.server.api;

import dev.luthier.server.key.Scope;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Declares what a route asks of an API key. Every handler method has it: the server does not start with a route that
 * declares nothing. {@link ScopeInterceptor} enforces it.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface RequiresScope {
    Scope value();
}
