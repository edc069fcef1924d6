//! Where the outputs of Terraform come from.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use tokio::process::Command;
use zeroize::Zeroizing;

use crate::ops::template::Values;
use crate::project::{Outputs, resolve};
use kopsform_diagnostics::{Explain, Report};

/// Why the outputs could not be had. No message shows what was printed: it may be secret.
#[derive(Debug, thiserror::Error)]
pub enum OutputsError {
    /// The file cannot be read.
    #[error("cannot read the outputs {path}: {source}", path = .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The command cannot be started.
    #[error("cannot run `{command}` for the outputs: {source}")]
    Start {
        /// The command.
        command: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The command failed.
    #[error("`{command}`, which should print the outputs, ended with {status}")]
    Failed {
        /// The command.
        command: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// What came is no text.
    #[error("the outputs of {0} are no text in UTF-8")]
    NotText(String),
    /// What came is no JSON or YAML of outputs.
    #[error(transparent)]
    Invalid(#[from] Report),
}

impl Explain for OutputsError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Start { command, .. } => {
                let program = command.split(' ').next().unwrap_or_default();
                vec![format!("install {program}, or record the outputs in a file and name it as outputs.file")]
            }
            Self::Failed { .. } => vec!["it has told why above".to_owned()],
            Self::Invalid(_) | Self::NotText(_) => {
                vec!["outputs look as `terraform output -json` prints them".to_owned()]
            }
            Self::Read { .. } => Vec::new(),
        }
    }
}

/// Gets the outputs of a project that lies in `dir`, under the name that messages call them by.
///
/// A command's own messages go where this program's do.
pub(super) async fn fetch(outputs: &Outputs, dir: &Path) -> Result<(String, Values), OutputsError> {
    let (name, bytes) = if !outputs.file.is_empty() {
        let path = resolve(dir, &outputs.file);
        let read = tokio::fs::read(&path).await;
        (path.display().to_string(), read.map_err(|source| OutputsError::Read { path, source })?)
    } else if !outputs.terraform.is_empty() {
        let folder = resolve(dir, &outputs.terraform).display().to_string();
        let words = ["terraform".to_owned(), format!("-chdir={folder}"), "output".to_owned(), "-json".to_owned()];
        run(&words, Path::new("")).await?
    } else {
        run(&outputs.command, dir).await?
    };
    let bytes = Zeroizing::new(bytes);
    let text = std::str::from_utf8(&bytes).map_err(|_| OutputsError::NotText(name.clone()))?;
    let mut values = Values::default();
    values.merge_text(&name, text)?;
    Ok((name, values))
}

/// Runs a command in a folder and gives what it prints.
async fn run(words: &[String], dir: &Path) -> Result<(String, Vec<u8>), OutputsError> {
    let shown = words.join(" ");
    let Some((program, arguments)) = words.split_first() else { return Ok((shown, Vec::new())) };
    let failed = |source| OutputsError::Start { command: shown.clone(), source };
    let here = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    // A program that lies in the project is found from there, whatever the system's rule is.
    let program = if program.contains('/') {
        std::path::absolute(here.join(program)).map_err(failed)?
    } else {
        PathBuf::from(program)
    };
    let mut command = Command::new(program);
    command.args(arguments).current_dir(here).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    let output = command.spawn().map_err(failed)?.wait_with_output().await.map_err(failed)?;
    if !output.status.success() {
        return Err(OutputsError::Failed { command: shown, status: output.status });
    }
    Ok((format!("`{shown}`"), output.stdout))
}
