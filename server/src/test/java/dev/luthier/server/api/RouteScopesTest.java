package dev.luthier.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.server.key.Scope;
import org.junit.jupiter.api.Test;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.pattern.PathPatternParser;

class RouteScopesTest {
    static final class Handlers {
        void undeclared() {}

        @RequiresScope(Scope.NONE)
        void open() {}

        @RequiresScope(Scope.READ)
        void closed() {}
    }

    private final RequestMappingHandlerMapping mapping = new RequestMappingHandlerMapping();

    private RouteScopes routes(String... methods) throws NoSuchMethodException {
        RequestMappingInfo.BuilderConfiguration options = new RequestMappingInfo.BuilderConfiguration();
        options.setPatternParser(PathPatternParser.defaultInstance);
        for (String method : methods) {
            mapping.registerMapping(RequestMappingInfo.paths("/" + method + "/{id}").methods(RequestMethod.GET)
                    .options(options).build(), new Handlers(), Handlers.class.getDeclaredMethod(method));
        }
        return new RouteScopes(mapping);
    }

    @Test
    void aRouteWithoutADeclarationKeepsTheServerFromStarting() throws NoSuchMethodException {
        assertThatThrownBy(routes("open", "undeclared")::afterSingletonsInstantiated)
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("Handlers#undeclared")
                .hasMessageNotContaining("Handlers#open");
    }

    @Test
    void onlyAddressesOfOpenRoutesNeedNoKey() throws NoSuchMethodException {
        RouteScopes routes = routes("open", "closed");
        routes.afterSingletonsInstantiated();
        assertThat(routes.isOpen("/open/7")).isTrue();
        for (String path : new String[]{"/closed/7", "/open", "/open/7/8", "/open/../closed/7", "/OPEN/7", "/nothing",
                "",
                "/"}) {
            assertThat(routes.isOpen(path)).as(path).isFalse();
        }
    }
}
