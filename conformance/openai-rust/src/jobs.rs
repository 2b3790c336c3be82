//! Jobs from their creation to their end, with events, checkpoints and what may be done to them meanwhile.

use crate::connection::{environment, preference_lines, training_lines, Connection};
use crate::files::content;
use crate::report::{require, Report};
use openai_client_base::apis::fine_tuning_api as api;
use openai_client_base::models::fine_tuning_job::Status;
use openai_client_base::models::{FineTuningJob, FineTuningJobCheckpoint, FineTuningJobEvent};
use serde_json::{from_value, json, Value};
use std::error::Error;

/// What the other checks need of the jobs that were made.
#[derive(Default)]
pub struct Made {
    pub training_file: String,
    pub ended: String,
    pub running: String,
    pub model: String,
    pub checkpoint: String,
}

pub async fn create(connection: &Connection, request: Value) -> Result<FineTuningJob, Box<dyn Error>> {
    Ok(api::create_fine_tuning_job()
        .configuration(&connection.configuration)
        .create_fine_tuning_job_request(from_value(request)?)
        .call()
        .await?)
}

pub async fn run(report: &mut Report, connection: &Connection) -> Result<Made, Box<dyn Error>> {
    let mut made = Made { training_file: connection.upload("train.jsonl", &training_lines(16)).await?.id, ..Made::default() };
    let valid = connection.upload("valid.jsonl", &training_lines(12)).await?.id;
    let many = connection.upload("many.jsonl", &training_lines(400)).await?.id;
    report
        .check("POST /fine_tuning/jobs", async {
            // At the top: of those within method the crate can say "auto" only.
            let hyperparameters = json!({"n_epochs": 3, "batch_size": 4, "learning_rate_multiplier": "auto"});
            let request = json!({
                "model": connection.model, "training_file": made.training_file, "validation_file": valid,
                "suffix": "rust", "seed": 7, "metadata": {"suite": "openai-rust"},
                "method": {"type": "supervised"}, "hyperparameters": hyperparameters,
            });
            let job = create(connection, request).await?;
            require(job.status == Status::ValidatingFiles && job.seed == Some(7) && job.result_files.is_empty(), &job)?;
            made.ended = job.id;
            Ok(())
        })
        .await;
    report
        .check("POST /fine_tuning/jobs (hyperparameters)", async {
            let hyperparameters = json!({"n_epochs": 50, "batch_size": 1});
            let request = json!({"model": connection.model, "training_file": many, "hyperparameters": hyperparameters});
            made.running = create(connection, request).await?.id;
            Ok(())
        })
        .await;
    report
        .check("POST /fine_tuning/jobs (luthier settings)", async {
            let with = |name: &str| json!({"model": connection.model, "training_file": made.training_file, "metadata": {name: "4"}});
            let job = create(connection, with("luthier.rank")).await?;
            api::cancel_fine_tuning_job().configuration(&connection.configuration).fine_tuning_job_id(&job.id).call().await?;
            let refused = create(connection, with("luthier.rnak")).await;
            require(refused.is_err(), &refused.map(|job| job.id))
        })
        .await;
    report
        .check("GET /fine_tuning/jobs/{id}", async {
            let job = connection.until_ended(&made.ended).await?;
            require(job.status == Status::Succeeded && job.error.is_none() && job.trained_tokens > Some(0), &job)?;
            let csv = content(connection, &job.result_files[0]).await?;
            require(csv.starts_with("step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy"), &csv)?;
            made.model = job.fine_tuned_model.ok_or("no model")?;
            Ok(())
        })
        .await;
    lists(report, connection, &mut made).await;
    pause_resume_cancel(report, connection, &made.running).await;
    Ok(made)
}

async fn lists(report: &mut Report, connection: &Connection, made: &mut Made) {
    report
        .check("GET /fine_tuning/jobs", async {
            let mut ids: Vec<String> = Vec::new();
            loop {
                let page = api::list_paginated_fine_tuning_jobs()
                    .configuration(&connection.configuration)
                    .limit(2)
                    .maybe_after(ids.last().map(String::as_str))
                    .call()
                    .await?;
                ids.extend(page.data.into_iter().map(|job| job.id));
                if !page.has_more {
                    break;
                }
            }
            let place = |id: &str| ids.iter().position(|other| other == id);
            require(place(&made.running).is_some() && place(&made.running) < place(&made.ended), &ids)?;
            require(place(&environment("LUTHIER_TEST_PAUSED_JOB")).is_some(), &ids)
        })
        .await;
    report
        .check("GET /fine_tuning/jobs/{id}/events", async {
            let mut events: Vec<FineTuningJobEvent> = Vec::new();
            loop {
                let page = api::list_fine_tuning_events()
                    .configuration(&connection.configuration)
                    .fine_tuning_job_id(&made.ended)
                    .limit(3)
                    .maybe_after(events.last().map(|event| event.id.as_str()))
                    .call()
                    .await?;
                events.extend(page.data);
                if !page.has_more {
                    break;
                }
            }
            require(events[0].message == "The job has successfully completed", &events[0])?;
            let first = events.last().ok_or("no events")?;
            require(first.message == format!("Created fine-tuning job: {}", made.ended), first)
        })
        .await;
    report
        .check("GET /fine_tuning/jobs/{id}/checkpoints", async {
            let mut checkpoints: Vec<FineTuningJobCheckpoint> = Vec::new();
            loop {
                let page = api::list_fine_tuning_job_checkpoints()
                    .configuration(&connection.configuration)
                    .fine_tuning_job_id(&made.ended)
                    .limit(1)
                    .maybe_after(checkpoints.last().map(|checkpoint| checkpoint.id.as_str()))
                    .call()
                    .await?;
                checkpoints.extend(page.data);
                if !page.has_more {
                    break;
                }
            }
            let steps: Vec<i32> = checkpoints.iter().map(|checkpoint| checkpoint.step_number).collect();
            require(steps == [12, 8, 4], &steps)?;
            require(checkpoints[1].metrics.full_valid_loss > Some(0.0), &checkpoints[1])?;
            made.checkpoint = checkpoints.swap_remove(1).fine_tuned_model_checkpoint;
            Ok(())
        })
        .await;
}

async fn pause_resume_cancel(report: &mut Report, connection: &Connection, id: &str) {
    let configuration = &connection.configuration;
    report
        .check("POST /fine_tuning/jobs/{id}/pause", async {
            connection.until(id, Status::Running).await?;
            api::pause_fine_tuning_job().configuration(configuration).fine_tuning_job_id(id).call().await?;
            connection.until(id, Status::Queued).await
        })
        .await;
    report
        .check("POST /fine_tuning/jobs/{id}/resume", async {
            api::resume_fine_tuning_job().configuration(configuration).fine_tuning_job_id(id).call().await?;
            connection.until(id, Status::Running).await
        })
        .await;
    report
        .check("POST /fine_tuning/jobs/{id}/cancel", async {
            let job = api::cancel_fine_tuning_job().configuration(configuration).fine_tuning_job_id(id).call().await?;
            require(job.status == Status::Cancelled, job)?;
            let ended = connection.until_ended(id).await?;
            require(ended.fine_tuned_model.is_none(), ended)
        })
        .await;
}

pub async fn continue_from(report: &mut Report, connection: &Connection, made: &Made) {
    report
        .check("POST /fine_tuning/jobs (continue)", async {
            let request = json!({"model": made.model, "training_file": made.training_file, "hyperparameters": {"n_epochs": 1}});
            let job = create(connection, request).await?;
            require(job.model == made.model, &job)?;
            let ended = connection.until_ended(&job.id).await?;
            require(ended.status == Status::Succeeded, ended)
        })
        .await;
}

pub async fn prefer(report: &mut Report, connection: &Connection, made: &Made) {
    report
        .check("POST /fine_tuning/jobs (dpo)", async {
            let pairs = connection.upload("pairs.jsonl", &preference_lines(40)).await?.id;
            for model in [&connection.model, &made.model] {
                // At the top, as above; beta has no place there.
                let request = json!({
                    "model": model, "training_file": pairs, "method": {"type": "dpo"}, "hyperparameters": {"n_epochs": 4},
                });
                let job = connection.until_ended(&create(connection, request).await?.id).await?;
                require(job.status == Status::Succeeded, &job)?;
                let csv = content(connection, &job.result_files[0]).await?;
                require(csv.contains("train_reward_margin") && csv.contains("\n1,0.69"), &csv)?;
            }
            Ok(())
        })
        .await;
}

pub async fn permissions(report: &mut Report, checkpoint: &str) {
    let configuration = &Connection::administrator();
    let mut granted = String::new();
    report
        .check("POST /fine_tuning/checkpoints/{model}/permissions", async {
            let page = api::create_fine_tuning_checkpoint_permission()
                .configuration(configuration)
                .fine_tuned_model_checkpoint(checkpoint)
                .create_fine_tuning_checkpoint_permission_request(from_value(json!({"project_ids": [environment("LUTHIER_TEST_PROJECT")]}))?)
                .call()
                .await?;
            granted = page.data.first().ok_or("nothing granted")?.id.clone();
            Ok(())
        })
        .await;
    report
        .check("GET /fine_tuning/checkpoints/{model}/permissions", async {
            let page = api::list_fine_tuning_checkpoint_permissions()
                .configuration(configuration)
                .fine_tuned_model_checkpoint(checkpoint)
                .limit(10)
                .call()
                .await?;
            require(page.data.iter().any(|permission| permission.id == granted), page)
        })
        .await;
    report
        .check("DELETE /fine_tuning/checkpoints/{model}/permissions/{id}", async {
            let gone = api::delete_fine_tuning_checkpoint_permission()
                .configuration(configuration)
                .fine_tuned_model_checkpoint(checkpoint)
                .permission_id(&granted)
                .call()
                .await?;
            require(gone.deleted, gone)
        })
        .await;
}
