//! Everything that the Rust crate openai-client-base offers of Luthier's routes. Its integers have 32 bits, its
//! enumerations are closed, and a key that it expects must be there.

mod answers;
mod connection;
mod files;
mod jobs;
mod report;

use connection::{configuration, environment, Connection};
use openai_client_base::apis::{files_api, fine_tuning_api};
use report::{require, Report};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut report = Report::default();
    report.sdk("openai-client-base");
    let connection = Connection::open();
    files::run(&mut report, &connection).await;
    let made = jobs::run(&mut report, &connection).await?;
    answers::run(&mut report, &connection, &made).await;
    jobs::continue_from(&mut report, &connection, &made).await;
    jobs::prefer(&mut report, &connection, &made).await;
    jobs::permissions(&mut report, &made.checkpoint).await;
    answers::faults(&mut report, &connection, &made).await;
    bare_address(&mut report, &made.ended).await;
    report.not_applicable(
        "the crate reads whole answers only",
        &["POST /chat/completions (stream)", "POST /completions (stream)"],
    );
    report.not_applicable("the crate's calls take no headers", &["POST /fine_tuning/jobs (Idempotency-Key)"]);
    connection.close();
    std::process::exit(report.failed.into());
}

async fn bare_address(report: &mut Report, job: &str) {
    report
        .check("any route under /v1", async {
            let bare = configuration(environment("LUTHIER_TEST_URL") + "/v1", environment("LUTHIER_TEST_KEY"));
            let same = fine_tuning_api::retrieve_fine_tuning_job().configuration(&bare).fine_tuning_job_id(job).call().await?;
            require(same.id == job, same)?;
            let list = fine_tuning_api::list_paginated_fine_tuning_jobs().configuration(&bare).call().await?;
            require(list.data.iter().all(|entry| entry.id.starts_with("ftjob-")), list)?;
            let files = files_api::list_files().configuration(&bare).call().await?;
            require(files.data.iter().all(|file| file.id.starts_with("file-")), files)
        })
        .await;
}
