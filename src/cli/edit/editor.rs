//! The user's editor, run as a process.

use std::io;
use std::path::PathBuf;

use async_trait::async_trait;

use crate::cli::progress;
use crate::ops::edit::Editor;
use kopsform_env::{self as env, Environment};
use kopsform_files::{TEXT_LIMIT, read_text_bounded};

/// The editor if none is configured.
const DEFAULT: &str = "vi";

/// An editor that is run on a temporary file.
pub(in crate::cli) struct ProcessEditor {
    /// The program, possibly with arguments, as a shell reads it.
    command: String,
}

impl ProcessEditor {
    /// The editor of `KUBE_EDITOR`, else of `EDITOR`, else `vi`.
    pub(in crate::cli) fn from_environment(environment: &Environment) -> Self {
        let named = [env::KUBE_EDITOR, env::EDITOR].iter().find_map(|name| environment.get(name));
        Self { command: named.unwrap_or(DEFAULT).to_owned() }
    }
}

#[async_trait]
impl Editor for ProcessEditor {
    async fn edit(&self, content: &str) -> io::Result<(String, PathBuf)> {
        // Only the owner can read the file. It is kept, because it holds what the user types.
        let file = tempfile::Builder::new().prefix("kopsform-edit-").suffix(".yaml").tempfile()?;
        std::fs::write(file.path(), content)?;
        let (_, path) = file.keep().map_err(|error| error.error)?;
        let script = format!("{} \"$1\"", self.command);
        let _paused = progress::pause();
        let status = tokio::process::Command::new("sh").args(["-c", &script, "sh"]).arg(&path).status().await?;
        if !status.success() {
            let message = format!("{}: {status}; the edited file is {}", self.command, path.display());
            return Err(io::Error::other(message));
        }
        if !path.exists() {
            let message = format!("{}: the edited file {} is gone", self.command, path.display());
            return Err(io::Error::other(message));
        }
        Ok((read_text_bounded(&path, TEXT_LIMIT)?, path))
    }
}
