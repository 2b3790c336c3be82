package dev.luthier.cli.demo;

import dev.luthier.cli.client.ApiClient;

/** Ready-to-paste code for a server that the demo leaves running. */
final class Snippets {
    private Snippets() {}

    static String of(ApiClient client, DemoServer server, String model) {
        return """

                The server is still running (process %4$d, data in %5$s). Stop it with: kill %4$d

                  address  %1$s
                  key      %2$s

                curl:
                  curl %1$s/mistral/v1/chat/completions -H 'Authorization: Bearer %2$s' -H 'Content-Type: application/json' \\
                    -d '{"model": "%3$s", "messages": [{"role": "user", "content": "turn down the bedroom lamp by 30 percent at nine in the evening"}]}'

                TypeScript (npm install @mistralai/mistralai@2.4.0):
                  import { Mistral } from "@mistralai/mistralai";
                  const client = new Mistral({ serverURL: "%1$s/mistral", apiKey: "%2$s" });
                  const jobs = await client.fineTuning.jobs.list();
                  const answer = await client.chat.complete({ model: "%3$s",
                    messages: [{ role: "user", content: "turn down the bedroom lamp by 30 percent at nine in the evening" }] });

                Python (pip install mistralai==1.12.4):
                  from mistralai import Mistral
                  client = Mistral(server_url="%1$s/mistral", api_key="%2$s")
                  answer = client.chat.complete(model="%3$s",
                      messages=[{"role": "user", "content": "turn down the bedroom lamp by 30 percent at nine in the evening"}])
                """
                .formatted(client.base(), client.key(), model, server.pid(), server.dataDirectory());
    }
}
