//! The configured crate, and what several checks do with it.

use crate::report::{require, Outcome};
use openai_client_base::apis::configuration::Configuration;
use openai_client_base::apis::fine_tuning_api::retrieve_fine_tuning_job;
use openai_client_base::apis::{files_api, Error};
use openai_client_base::models::fine_tuning_job::Status;
use openai_client_base::models::{FineTuningJob, OpenAiFile};
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;

pub struct Connection {
    pub configuration: Configuration,
    pub model: String,
    folder: PathBuf,
}

pub fn environment(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set; conformance/run sets it"))
}

pub fn configuration(base_path: String, key: String) -> Configuration {
    Configuration { base_path, bearer_access_token: Some(key), ..Configuration::default() }
}

/// Lines of chat data; what they teach does not matter here.
pub fn training_lines(count: usize) -> String {
    (0..count)
        .map(|i| {
            let question = json!({"role": "user", "content": format!("what is number {i}?")});
            let answer = json!({"role": "assistant", "content": format!("it is {i}.")});
            format!("{}\n", json!({"messages": [question, answer]}))
        })
        .collect()
}

/// Lines of preference pairs: answers in two styles, of which the brief one is preferred.
pub fn preference_lines(count: usize) -> String {
    (0..count)
        .map(|i| {
            let say = |role: &str, content: String| json!([{"role": role, "content": content}]);
            format!("{}\n", json!({
                "input": {"messages": say("user", format!("what is number {i}?"))},
                "preferred_output": say("assistant", format!("it is {i}.")),
                "non_preferred_output": say("assistant", format!("I would say that this number is {i}, if I may.")),
            }))
        })
        .collect()
}

impl Connection {
    pub fn open() -> Connection {
        let folder = std::env::temp_dir().join(format!("luthier-conformance-rust-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        Connection {
            configuration: configuration(environment("LUTHIER_TEST_URL") + "/openai/v1", environment("LUTHIER_TEST_KEY")),
            model: environment("LUTHIER_TEST_MODEL"),
            folder,
        }
    }

    /// For what only the organization's administrators may do.
    pub fn administrator() -> Configuration {
        configuration(environment("LUTHIER_TEST_URL") + "/openai/v1", environment("LUTHIER_TEST_ADMIN_KEY"))
    }

    /// A file on disk, which is all that this crate uploads.
    pub fn on_disk(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder.join(name);
        std::fs::write(&path, content).expect("a temporary file");
        path
    }

    pub async fn upload(&self, name: &str, lines: &str) -> Result<OpenAiFile, Error<files_api::CreateFileError>> {
        files_api::create_file()
            .configuration(&self.configuration)
            .file(self.on_disk(name, lines))
            .purpose("fine-tune")
            .call()
            .await
    }

    pub async fn job(&self, id: &str) -> Result<FineTuningJob, Box<dyn std::error::Error>> {
        Ok(retrieve_fine_tuning_job().configuration(&self.configuration).fine_tuning_job_id(id).call().await?)
    }

    /// The published loop.
    pub async fn until_ended(&self, id: &str) -> Result<FineTuningJob, Box<dyn std::error::Error>> {
        loop {
            let job = self.job(id).await?;
            if !is_live(job.status) {
                return Ok(job);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    pub async fn until(&self, id: &str, status: Status) -> Outcome {
        loop {
            let job = self.job(id).await?;
            if job.status == status {
                return Ok(());
            }
            require(is_live(job.status), &job)?;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    pub fn close(&self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn is_live(status: Status) -> bool {
    matches!(status, Status::ValidatingFiles | Status::Queued | Status::Running)
}

/// Expects an answer of this status, with a body that contains a text.
pub fn fails<T: std::fmt::Debug, E: std::fmt::Debug>(result: Result<T, Error<E>>, status: u16, text: &str) -> Outcome {
    match result {
        Err(Error::ResponseError(response)) => {
            require(response.status.as_u16() == status && response.content.contains(text), &response)?;
            let body: serde_json::Value = serde_json::from_str(&response.content)?;
            require(["message", "type", "param", "code"].iter().all(|key| body["error"].get(key).is_some()), body)
        }
        other => Err(format!("{other:?}").into()),
    }
}
