package dev.luthier.server.api;

import dev.luthier.server.key.Principal;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;

/**
 * Gives controllers their arguments by type: {@link Fields} of a JSON body, {@link Query} parameters, the
 * {@link Principal}, the {@link Dialect}, the {@link ClientIntegers} and the {@link TrainingHeader}.
 */
public final class RequestArguments implements HandlerMethodArgumentResolver {
    private static final Set<Class<?>> TYPES = Set.of(Fields.class, Query.class, Principal.class, Dialect.class,
            ClientIntegers.class, TrainingHeader.class);

    private final JsonBody jsonBody;

    public RequestArguments(JsonBody jsonBody) {
        this.jsonBody = jsonBody;
    }

    @Override
    public boolean supportsParameter(MethodParameter parameter) {
        return TYPES.contains(parameter.getParameterType());
    }

    @Override
    public Object resolveArgument(MethodParameter parameter, @Nullable ModelAndViewContainer container,
            NativeWebRequest webRequest, @Nullable WebDataBinderFactory binders) throws IOException {
        HttpServletRequest request = Objects.requireNonNull(webRequest.getNativeRequest(HttpServletRequest.class));
        Class<?> type = parameter.getParameterType();
        if (type == Fields.class) {
            return Fields.of(jsonBody.read(request));
        }
        if (type == Query.class) {
            return Query.of(request);
        }
        if (type == ClientIntegers.class) {
            return ClientIntegers.of(request);
        }
        if (type == TrainingHeader.class) {
            return TrainingHeader.of(request);
        }
        return type == Principal.class ? AuthenticationFilter.principal(request) : Dialect.of(request);
    }
}
