//! Prints one line for each check, which the harness collects.

use serde_json::json;
use std::error::Error;
use std::future::Future;

/// What a check comes to.
pub type Outcome = Result<(), Box<dyn Error>>;

#[derive(Default)]
pub struct Report {
    pub failed: bool,
}

impl Report {
    /// Says which crate is driven, and in which version: the one that Cargo.toml pins.
    pub fn sdk(&self, name: &str) {
        let pinned = include_str!("../Cargo.toml").lines().find(|line| line.starts_with(name)).unwrap_or_default();
        let version = pinned.split('"').nth(1).unwrap_or_default().trim_start_matches('=');
        println!("SDK {}", json!({"package": name, "version": version}));
    }

    /// Runs one check; a check that fails does not keep the following ones from running.
    pub async fn check(&mut self, route: &str, body: impl Future<Output = Outcome>) {
        match body.await {
            Ok(()) => println!("RESULT {}", json!({"route": route, "result": "pass"})),
            Err(error) => {
                self.failed = true;
                println!("RESULT {}", json!({"route": route, "result": "fail", "reason": format!("{error:?}")}));
            }
        }
    }

    /// Routes that this crate has no call for.
    pub fn not_applicable(&self, reason: &str, routes: &[&str]) {
        for route in routes {
            println!("RESULT {}", json!({"route": route, "result": "n/a", "reason": reason}));
        }
    }
}

/// Fails with what is shown unless the condition holds.
pub fn require(held: bool, shown: impl std::fmt::Debug) -> Outcome {
    if held {
        Ok(())
    } else {
        Err(format!("{shown:?}").into())
    }
}
