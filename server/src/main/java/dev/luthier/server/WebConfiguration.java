package dev.luthier.server;

import dev.luthier.server.api.AuthenticationFilter;
import dev.luthier.server.api.DialectFilter;
import dev.luthier.server.api.FailureFilter;
import dev.luthier.server.api.FileContent;
import dev.luthier.server.api.HealthController;
import dev.luthier.server.api.IdempotencyFilter;
import dev.luthier.server.api.JobReferences;
import dev.luthier.server.api.JsonBody;
import dev.luthier.server.api.JsonErrorValve;
import dev.luthier.server.api.MetricsController;
import dev.luthier.server.api.MultipartFilter;
import dev.luthier.server.api.RateLimitFilter;
import dev.luthier.server.api.RequestArguments;
import dev.luthier.server.api.RequestMemory;
import dev.luthier.server.api.RequestMetrics;
import dev.luthier.server.api.RouteScopes;
import dev.luthier.server.api.RoutingFilter;
import dev.luthier.server.api.ScopeInterceptor;
import dev.luthier.server.api.SignedLinks;
import dev.luthier.server.api.TrainingReader;
import dev.luthier.server.api.WireJson;
import dev.luthier.server.api.chat.AnswerMemory;
import dev.luthier.server.api.chat.Answering;
import dev.luthier.server.api.luthier.EstimatesController;
import dev.luthier.server.api.luthier.JobStatesController;
import dev.luthier.server.api.luthier.KeysController;
import dev.luthier.server.api.luthier.LocalModelsController;
import dev.luthier.server.api.mistral.ChatController;
import dev.luthier.server.api.mistral.ClassificationsController;
import dev.luthier.server.api.mistral.FilesController;
import dev.luthier.server.config.DataDirectory;
import dev.luthier.server.config.KnownSettings;
import dev.luthier.server.config.Settings;
import dev.luthier.server.file.FileService;
import dev.luthier.server.idempotency.AnswerStore;
import dev.luthier.server.job.TrainingResolver;
import dev.luthier.server.key.KeyStore;
import dev.luthier.server.key.MasterKey;
import dev.luthier.server.model.ModelRegistry;
import dev.luthier.server.serve.Generator;
import dev.luthier.server.store.Database;
import dev.luthier.server.store.StorageHealth;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import jakarta.servlet.Filter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.util.List;
import org.apache.catalina.core.StandardHost;
import org.apache.coyote.ProtocolHandler;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.apache.tomcat.util.threads.VirtualThreadExecutor;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.Shutdown;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.http.converter.json.JacksonJsonHttpMessageConverter;
import org.springframework.web.context.WebApplicationContext;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.config.annotation.ContentNegotiationConfigurer;
import org.springframework.web.servlet.config.annotation.EnableWebMvc;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Tomcat on virtual threads, the filters in their order, and Spring MVC with our readers and writers. */
@Configuration(proxyBeanMethods = false)
@EnableWebMvc
@Import({HealthController.class, MetricsController.class, KeysController.class, FileContent.class,
        FilesController.class, JobStatesController.class, EstimatesController.class, LocalModelsController.class,
        ChatController.class, ClassificationsController.class})
class WebConfiguration implements WebMvcConfigurer {
    /** From the outermost to the innermost: a fault of one is written in the dialect that an outer one found. */
    private static final List<Class<? extends Filter>> FILTERS = List.of(RequestMetrics.class, FailureFilter.class,
            DialectFilter.class, MultipartFilter.class, AuthenticationFilter.class, RateLimitFilter.class,
            RoutingFilter.class, IdempotencyFilter.class);

    /** What requests hold while they last: bodies, and answers that are sent whole. */
    private final RequestMemory requestMemory = new RequestMemory(Runtime.getRuntime().maxMemory() / 4);
    private final JsonBody jsonBody;
    private final StorageHealth storage;

    WebConfiguration(Settings settings, DataDirectory directory, StorageHealth storage) {
        this.storage = storage;
        this.jsonBody = new JsonBody(settings.get(KnownSettings.REQUESTS_MAX_JSON_BYTES), directory.temporary(),
                requestMemory);
    }

    /** @param database is made before Tomcat writes into the data directory */
    @Bean
    TomcatServletWebServerFactory tomcat(Settings settings, DataDirectory directory, Database database)
            throws UnknownHostException {
        TomcatServletWebServerFactory factory = new TomcatServletWebServerFactory(settings.get(KnownSettings.PORT));
        factory.setProtocol(HeaderTimeLimit.class.getName());
        factory.setAddress(InetAddress.getByName(settings.get(KnownSettings.HOST)));
        factory.setBaseDirectory(directory.temporary().toFile());
        factory.setShutdown(Shutdown.GRACEFUL);
        factory.setDisableMBeanRegistry(true);
        factory.getSettings().setRegisterDefaultServlet(false);
        factory.addConnectorCustomizers(connector -> {
            connector.setEncodedSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
            connector.setXpoweredBy(false);
            connector.setProperty("relaxedQueryChars", "[]"); // metadata[key]=value, as people type it
            ProtocolHandler handler = connector.getProtocolHandler();
            handler.setExecutor(new VirtualThreadExecutor("http-"));
            if (handler instanceof AbstractHttp11Protocol<?> http) {
                // A client that is still sending what was refused should read the answer, not a reset connection.
                http.setMaxSwallowSize(Integer.MAX_VALUE);
                http.setMaxKeepAliveRequests(-1);
            }
        });
        factory.addContextCustomizers(context -> {
            if (context.getParent() instanceof StandardHost host) {
                host.setErrorReportValveClass(JsonErrorValve.class.getName());
            }
        });
        return factory;
    }

    @Bean
    ServletRegistrationBean<DispatcherServlet> dispatcher(WebApplicationContext context) {
        ServletRegistrationBean<DispatcherServlet> registration = new ServletRegistrationBean<>(
                new DispatcherServlet(context), "/");
        registration.setLoadOnStartup(1);
        return registration;
    }

    @Bean
    AnswerMemory answerMemory() {
        return new AnswerMemory(requestMemory);
    }

    @Bean
    Answering answering(Generator generator, AnswerMemory memory, Clock clock) {
        return new Answering(generator, memory, clock);
    }

    @Bean
    SignedLinks signedLinks(MasterKey masterKey) {
        return new SignedLinks(masterKey);
    }

    @Bean
    JobReferences jobReferences(ModelRegistry models, FileService files) {
        return new JobReferences(models, files);
    }

    @Bean
    TrainingReader trainingReader(TrainingResolver resolver) {
        return new TrainingReader(resolver);
    }

    @Bean
    FilterRegistrationBean<Filter> failureFilter() {
        return inOrder(new FailureFilter(storage));
    }

    @Bean
    FilterRegistrationBean<Filter> requestMetrics(PrometheusMeterRegistry registry) {
        return inOrder(new RequestMetrics(registry));
    }

    @Bean
    FilterRegistrationBean<Filter> multipartFilter(Settings settings, DataDirectory directory) {
        return inOrder(new MultipartFilter(directory.temporary(), Math.max(settings.get(KnownSettings.FILES_MAX_BYTES),
                settings.get(KnownSettings.UPLOADS_MAX_PART_BYTES))));
    }

    @Bean
    FilterRegistrationBean<Filter> dialectFilter() {
        return inOrder(new DialectFilter());
    }

    @Bean
    RouteScopes routeScopes(@Qualifier("requestMappingHandlerMapping") RequestMappingHandlerMapping routes) {
        return new RouteScopes(routes);
    }

    @Bean
    FilterRegistrationBean<Filter> authenticationFilter(KeyStore keys, ObjectProvider<RouteScopes> routes) {
        return inOrder(new AuthenticationFilter(keys, routes::getObject));
    }

    @Bean
    FilterRegistrationBean<Filter> rateLimitFilter(Settings settings) {
        int perMinute = settings.get(KnownSettings.LIMITS_REQUESTS_PER_MINUTE);
        FilterRegistrationBean<Filter> registration = inOrder(new RateLimitFilter(Math.max(1, perMinute)));
        registration.setEnabled(perMinute > 0);
        return registration;
    }

    @Bean
    FilterRegistrationBean<Filter> routingFilter() {
        return inOrder(new RoutingFilter(jsonBody));
    }

    @Bean
    FilterRegistrationBean<Filter> idempotencyFilter(Database database, Clock clock) {
        return inOrder(new IdempotencyFilter(jsonBody, new AnswerStore(database, clock)));
    }

    private static FilterRegistrationBean<Filter> inOrder(Filter filter) {
        int place = FILTERS.indexOf(filter.getClass());
        if (place < 0) {
            throw new IllegalStateException(filter.getClass() + " has no place among the filters");
        }
        FilterRegistrationBean<Filter> registration = new FilterRegistrationBean<>(filter);
        registration.addUrlPatterns("/*");
        registration.setOrder(place);
        return registration;
    }

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(new ScopeInterceptor());
    }

    @Override
    public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
        resolvers.add(new RequestArguments(jsonBody));
    }

    @Override
    public void configureHandlerExceptionResolvers(List<HandlerExceptionResolver> resolvers) {
        resolvers.add(FailureFilter.controllerFailures(storage));
    }

    @Override
    public void configureMessageConverters(HttpMessageConverters.ServerBuilder converters) {
        converters.registerDefaults().withJsonConverter(new JacksonJsonHttpMessageConverter(WireJson.MAPPER));
    }

    /** Clients ask for all sorts of types; each route has one. */
    @Override
    public void configureContentNegotiation(ContentNegotiationConfigurer configurer) {
        configurer.ignoreAcceptHeader(true).defaultContentType(MediaType.APPLICATION_JSON);
    }
}
