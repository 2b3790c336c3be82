package dev.luthier.server.api;

import dev.luthier.server.key.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.http.server.PathContainer;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.condition.PathPatternsRequestCondition;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.pattern.PathPattern;

/** The routes of the server with the scopes that they declare. A route that declares none keeps the server from starting. */
public final class RouteScopes implements SmartInitializingSingleton {
    private final RequestMappingHandlerMapping routes;
    private final List<PathPattern> open = new ArrayList<>();

    public RouteScopes(RequestMappingHandlerMapping routes) {
        this.routes = routes;
    }

    @Override
    public void afterSingletonsInstantiated() {
        Map<RequestMappingInfo, HandlerMethod> all = routes.getHandlerMethods();
        String undeclared = all.values().stream().filter(handler -> !handler.hasMethodAnnotation(RequiresScope.class))
                .map(HandlerMethod::getShortLogMessage).sorted().collect(Collectors.joining(", "));
        if (!undeclared.isEmpty()) {
            throw new IllegalStateException("These routes do not declare what they require of a key; annotate them with"
                    + " @RequiresScope: " + undeclared);
        }
        all.forEach((mapping, handler) -> {
            RequiresScope declared = handler.getMethodAnnotation(RequiresScope.class);
            PathPatternsRequestCondition paths = mapping.getPathPatternsCondition();
            if (declared != null && declared.value() == Scope.NONE && paths != null) {
                open.addAll(paths.getPatterns());
            }
        });
    }

    /** Whether an address, as it was sent, is one that needs no key. Every other one needs a key. */
    boolean isOpen(String rawPath) {
        if (rawPath.indexOf(';') >= 0) {
            return false; // parameters of a path, which patterns pass over
        }
        PathContainer path = PathContainer.parsePath(rawPath);
        return open.stream().anyMatch(pattern -> pattern.matches(path));
    }
}
