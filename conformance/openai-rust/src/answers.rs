//! Models, what they answer, and faults.

use crate::connection::{configuration, environment, fails, training_lines, Connection};
use crate::jobs::Made;
use crate::report::{require, Report};
use openai_client_base::apis::{chat_api, completions_api, files_api, fine_tuning_api, models_api};
use openai_client_base::models::chat_completion_request_user_message::Role;
use openai_client_base::models::{
    ChatCompletionRequestMessage, ChatCompletionRequestUserMessage, ChatCompletionRequestUserMessageContent,
    CreateChatCompletionRequest, CreateCompletionRequest, CreateFineTuningJobRequest,
};
use serde_json::{from_value, json};

const NOWHERE: &str = "0000000000000000000000";

fn question(model: &str) -> Result<CreateChatCompletionRequest, serde_json::Error> {
    let mut request: CreateChatCompletionRequest = from_value(json!({
        "model": model, "messages": [],
        "max_completion_tokens": 12, "temperature": 0.0, "seed": 7, "n": 2, "logprobs": true, "top_logprobs": 2,
    }))?;
    let text = ChatCompletionRequestUserMessageContent::TextContent("what is number 3?".into());
    let message = ChatCompletionRequestUserMessage::new(text, Role::User);
    request.messages.push(ChatCompletionRequestMessage::ChatCompletionRequestUserMessage(Box::new(message)));
    Ok(request)
}

pub async fn run(report: &mut Report, connection: &Connection, made: &Made) {
    let open = &connection.configuration;
    report
        .check("GET /models", async {
            let list = models_api::list_models().configuration(open).call().await?;
            require(list.data.iter().any(|model| model.id == made.model), list)
        })
        .await;
    report
        .check("GET /models/{model}", async {
            let model = models_api::retrieve_model().configuration(open).model(&made.model).call().await?;
            require(model.id == made.model, model)
        })
        .await;
    for (route, model) in [("POST /chat/completions", &made.model), ("POST /chat/completions (checkpoint)", &made.checkpoint)] {
        report
            .check(route, async {
                let request = question(model)?;
                let answer =
                    chat_api::create_chat_completion().configuration(open).create_chat_completion_request(request).call().await?;
                require(answer.choices.len() == 2 && answer.choices[0].message.content.is_some(), &answer)?;
                let usage = answer.usage.ok_or("no usage")?;
                require(usage.total_tokens == usage.prompt_tokens + usage.completion_tokens, usage)
            })
            .await;
    }
    report
        .check("POST /completions", async {
            let request: CreateCompletionRequest = from_value(json!({
                "model": connection.model, "prompt": "The door", "max_tokens": 4, "temperature": 0.0, "echo": true,
            }))?;
            // Not with echo, whose first token has no probability: null, as OpenAI sends it, and the crate wants a number.
            let scored = CreateCompletionRequest { echo: None, logprobs: Some(Some(2)), ..request.clone() };
            let completion =
                completions_api::create_completion().configuration(open).create_completion_request(request).call().await?;
            require(completion.choices[0].text.starts_with("The door"), completion)?;
            let completion =
                completions_api::create_completion().configuration(open).create_completion_request(scored).call().await?;
            require(completion.choices[0].logprobs.is_some(), completion)
        })
        .await;
}

pub async fn faults(report: &mut Report, connection: &Connection, made: &Made) {
    let open = &connection.configuration;
    report
        .check("400 training file", async {
            let bad = training_lines(11) + "{\"messages\":[{\"role\":\"asistant\",\"content\":\"x\"}]}\n";
            fails(connection.upload("bad.jsonl", &bad).await, 400, "ine 12")
        })
        .await;
    report
        .check("400 parameter", async {
            let request: CreateFineTuningJobRequest = from_value(json!({
                "model": connection.model, "training_file": made.training_file, "hyperparameters": {"n_epochs": 51},
            }))?;
            let answer = fine_tuning_api::create_fine_tuning_job()
                .configuration(open)
                .create_fine_tuning_job_request(request)
                .call()
                .await;
            fails(answer, 400, "n_epochs")
        })
        .await;
    report
        .check("401", async {
            let wrong = configuration(environment("LUTHIER_TEST_URL") + "/openai/v1", "wrong".into());
            fails(models_api::list_models().configuration(&wrong).call().await, 401, "invalid_api_key")
        })
        .await;
    report
        .check("404 job", async {
            let id = format!("ftjob-{NOWHERE}");
            let answer = fine_tuning_api::retrieve_fine_tuning_job().configuration(open).fine_tuning_job_id(&id).call().await;
            fails(answer, 404, "")
        })
        .await;
    report
        .check("404 file", async {
            let id = format!("file-{NOWHERE}");
            fails(files_api::retrieve_file().configuration(open).file_id(&id).call().await, 404, "")
        })
        .await;
    report
        .check("404 model", async {
            let answer = models_api::retrieve_model().configuration(open).model("no-such-model").call().await;
            fails(answer, 404, "model_not_found")
        })
        .await;
    report
        .check("409", async {
            let answer =
                fine_tuning_api::resume_fine_tuning_job().configuration(open).fine_tuning_job_id(&made.ended).call().await;
            fails(answer, 409, "")
        })
        .await;
    report
        .check("429", async {
            let limited = configuration(
                environment("LUTHIER_TEST_LIMITED_URL") + "/openai/v1",
                environment("LUTHIER_TEST_LIMITED_KEY"),
            );
            loop {
                let answer = models_api::list_models().configuration(&limited).call().await;
                if answer.is_err() {
                    return fails(answer, 429, "");
                }
            }
        })
        .await;
    report
        .check("DELETE /models/{model}", async {
            let gone = models_api::delete_model().configuration(open).model(&made.model).call().await?;
            require(gone.deleted, gone)?;
            fails(models_api::retrieve_model().configuration(open).model(&made.model).call().await, 404, "")
        })
        .await;
}
