package dev.luthier.bench.requests;

import dev.luthier.core.process.ParentWatch;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The peer: a Spring Boot hello-world with nothing but its defaults, answering a small JSON object. */
@SpringBootApplication
@RestController
public class HelloServer {
    public static void main(String[] args) {
        ParentWatch.follow();
        SpringApplication.run(HelloServer.class, args);
    }

    @GetMapping("/hello")
    Map<String, String> hello() {
        return Map.of("message", "Hello, world");
    }
}
