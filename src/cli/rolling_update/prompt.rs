//! The prompt of `--interactive`.

use std::io::Write as _;

use async_trait::async_trait;

use crate::cli::{progress, ui};
use kopsform_rolling::ports::{Answer, Prompter};

/// Asks the user at the terminal.
pub(super) struct Terminal;

#[async_trait]
impl Prompter for Terminal {
    async fn ask(&self, instance: &str, node: Option<&str>) -> Answer {
        let _paused = progress::pause();
        let ui = ui::Ui::new();
        let node = node.map(|node| format!(", node {node:?}")).unwrap_or_default();
        ui.note(&format!("Pausing after finished {instance:?}{node}"));
        ui.text("Continue? (Y)es, (N)o, (A)lwaysYes: [Y] ");
        let _ = std::io::stdout().flush();
        let answer = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            std::io::stdin().read_line(&mut line).map(|_| line)
        });
        match answer.await.ok().and_then(Result::ok).unwrap_or_default().trim().to_lowercase().as_str() {
            "n" => Answer::No,
            "a" => Answer::Always,
            _ => Answer::Yes,
        }
    }
}
