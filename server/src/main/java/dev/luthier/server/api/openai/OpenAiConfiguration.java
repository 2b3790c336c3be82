package dev.luthier.server.api.openai;

import org.springframework.context.annotation.Configuration;

/** OpenAI's routes. */
@Configuration(proxyBeanMethods = false)
public class OpenAiConfiguration {}
