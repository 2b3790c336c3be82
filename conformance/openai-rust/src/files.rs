//! Files, and files made of parts.

use crate::connection::{fails, training_lines, Connection};
use crate::report::{require, Report};
use openai_client_base::apis::{files_api, uploads_api};
use openai_client_base::models::upload::Status;
use openai_client_base::models::{FileExpirationAfter, Upload};
use serde_json::{from_value, json};
use std::error::Error;

pub async fn run(report: &mut Report, connection: &Connection) {
    let configuration = &connection.configuration;
    let lines = training_lines(12);
    report
        .check("POST /files", async {
            let expires: FileExpirationAfter = from_value(json!({"anchor": "created_at", "seconds": 3600}))?;
            let file = files_api::create_file()
                .configuration(configuration)
                .file(connection.on_disk("expiring.jsonl", &lines))
                .purpose("fine-tune")
                .expires_after(expires)
                .call()
                .await?;
            require(file.bytes == Some(lines.len() as i32) && file.expires_at == Some(file.created_at + 3600), &file)
        })
        .await;
    report
        .check("GET /files", async {
            let (one, two) = (connection.upload("one.jsonl", &lines).await?, connection.upload("two.jsonl", &lines).await?);
            let mut files = Vec::new();
            let mut after: Option<String> = None;
            loop {
                let page = files_api::list_files()
                    .configuration(configuration)
                    .limit(2)
                    .order("asc")
                    .maybe_after(after.as_deref())
                    .call()
                    .await?;
                after = Some(page.last_id);
                files.extend(page.data);
                if !page.has_more {
                    break;
                }
            }
            let place = |id: &str| files.iter().position(|file| file.id == id);
            require(place(&one.id).is_some() && place(&one.id) < place(&two.id), &files)?;
            if let Ok(large) = std::env::var("LUTHIER_TEST_LARGE_FILE") {
                let file = place(&large).map(|index| &files[index]).ok_or("the large file is not in the list")?;
                require(file.bytes == Some(i32::MAX), file)?;
            }
            Ok(())
        })
        .await;
    report
        .check("GET /files/{id}", async {
            let id = connection.upload("one.jsonl", &lines).await?.id;
            let file = files_api::retrieve_file().configuration(configuration).file_id(&id).call().await?;
            require(file.filename == "one.jsonl", file)
        })
        .await;
    report
        .check("GET /files/{id}/content", async {
            let id = connection.upload("one.jsonl", &lines).await?.id;
            require(content(connection, &id).await? == lines, "another content")
        })
        .await;
    report
        .check("DELETE /files/{id}", async {
            let id = connection.upload("one.jsonl", &lines).await?.id;
            let gone = files_api::delete_file().configuration(configuration).file_id(&id).call().await?;
            require(gone.deleted, gone)?;
            fails(files_api::retrieve_file().configuration(configuration).file_id(&id).call().await, 404, "")
        })
        .await;
    uploads(report, connection).await;
}

async fn uploads(report: &mut Report, connection: &Connection) {
    let configuration = &connection.configuration;
    let lines = training_lines(12);
    let (head, tail) = lines.split_at(300);
    let mut upload_id = String::new();
    let mut part_ids = Vec::new();
    report
        .check("POST /uploads", async {
            let upload = begin(connection, lines.len()).await?;
            require(upload.status == Status::Pending, &upload)?;
            upload_id = upload.id;
            Ok(())
        })
        .await;
    report
        .check("POST /uploads/{id}/parts", async {
            for piece in [head, tail] {
                let part = uploads_api::add_upload_part()
                    .configuration(configuration)
                    .upload_id(&upload_id)
                    .data(connection.on_disk("part", piece))
                    .call()
                    .await?;
                require(part.upload_id == upload_id, &part)?;
                part_ids.push(part.id);
            }
            Ok(())
        })
        .await;
    report
        .check("POST /uploads/{id}/complete", async {
            let done = uploads_api::complete_upload()
                .configuration(configuration)
                .upload_id(&upload_id)
                .complete_upload_request(from_value(json!({"part_ids": part_ids}))?)
                .call()
                .await?;
            require(done.status == Status::Completed, &done)?;
            let file = done.file.flatten().ok_or("no file")?;
            require(content(connection, &file.id).await? == lines, "another content")
        })
        .await;
    report
        .check("POST /uploads/{id}/cancel", async {
            let id = begin(connection, 10).await?.id;
            let upload = uploads_api::cancel_upload().configuration(configuration).upload_id(&id).call().await?;
            require(upload.status == Status::Cancelled, upload)
        })
        .await;
}

async fn begin(connection: &Connection, bytes: usize) -> Result<Upload, Box<dyn Error>> {
    let request = json!({"filename": "parts.jsonl", "purpose": "fine-tune", "bytes": bytes, "mime_type": "application/jsonl"});
    Ok(uploads_api::create_upload()
        .configuration(&connection.configuration)
        .create_upload_request(from_value(request)?)
        .call()
        .await?)
}

/// The text of a file.
pub async fn content(connection: &Connection, id: &str) -> Result<String, Box<dyn Error>> {
    let response = files_api::download_file().configuration(&connection.configuration).file_id(id).call().await?;
    Ok(response.text().await?)
}
