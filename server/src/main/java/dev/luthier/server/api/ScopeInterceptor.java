package dev.luthier.server.api;

import dev.luthier.server.key.Role;
import dev.luthier.server.key.Scope;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.stream.Collectors;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/** The one place where what a route {@link RequiresScope requires} is held against the role of the caller's key. */
public final class ScopeInterceptor implements HandlerInterceptor {

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        Scope required = required(request, handler);
        if (required == Scope.NONE) {
            return true;
        }
        Role role = AuthenticationFilter.principal(request).role();
        if (!role.has(required)) {
            throw ApiFailure.of(403, "insufficient_scope", "This needs the scope " + required.publicName()
                    + ", which a key of the role " + role.publicName() + " does not have. Use a key of the role "
                    + Role.having(required).stream().map(Role::publicName).collect(Collectors.joining(" or "))
                    + "; an administrator makes one.");
        }
        return true;
    }

    private static Scope required(HttpServletRequest request, Object handler) {
        RequiresScope declared = handler instanceof HandlerMethod method
                ? method.getMethodAnnotation(RequiresScope.class)
                : null;
        if (declared != null) {
            return declared.value();
        }
        // Spring itself answers OPTIONS with the methods of an address, and unknown addresses with 404.
        if (request.getMethod().equals("OPTIONS") || !(handler instanceof HandlerMethod)) {
            return Scope.NONE;
        }
        throw new IllegalStateException(handler + " declares no scope");
    }
}
