//! Reads Terraform's outputs.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use tokio::io::AsyncReadExt as _;
use tokio::process::Command;
use zeroize::Zeroizing;

use crate::ops::template::Values;
use crate::project::{Outputs, resolve};
use kopsform_diagnostics::{Explain, Report};
use kopsform_files::{TEXT_LIMIT, read_bounded};

/// Why outputs could not be read. Messages do not show what was printed, which may be secret.
#[derive(Debug, thiserror::Error)]
pub enum OutputsError {
    #[error("cannot read the outputs {path}: {source}", path = .path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("cannot run `{command}` for the outputs: {source}")]
    Start { command: String, source: std::io::Error },
    #[error("`{command}`, which prints the outputs, failed: {status}")]
    Failed { command: String, status: ExitStatus },
    #[error("`{0}` prints more than {mib} MiB of outputs", mib = TEXT_LIMIT >> 20)]
    TooLong(String),
    #[error("the outputs of {0} are not UTF-8")]
    NotText(String),
    /// The outputs are not JSON or YAML.
    #[error(transparent)]
    Invalid(#[from] Report),
}

impl Explain for OutputsError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Start { command, .. } => {
                let program = command.split(' ').next().unwrap_or_default();
                vec![format!("install {program}, or save the outputs in a file and set outputs.file to it")]
            }
            Self::Failed { command, .. } => {
                let directory = command.split(' ').find_map(|word| word.strip_prefix("-chdir=")).unwrap_or(".");
                vec![
                    format!("apply what is in {directory} first, if that was not done: it has the outputs"),
                    "otherwise, see what the command printed above".to_owned(),
                ]
            }
            Self::Invalid(_) | Self::NotText(_) | Self::TooLong(_) => {
                vec!["the format is that of `terraform output -json`".to_owned()]
            }
            Self::Read { .. } => Vec::new(),
        }
    }
}

/// Reads the outputs of a project in the directory `dir`; returns them with their name for messages.
///
/// The stderr of a command goes to this program's.
pub(in crate::ops) async fn fetch(outputs: &Outputs, dir: &Path) -> Result<(String, Values), OutputsError> {
    let (name, bytes) = if !outputs.file.is_empty() {
        let path = resolve(dir, &outputs.file);
        let read = read_bounded(&path, TEXT_LIMIT);
        (path.display().to_string(), read.map_err(|error| OutputsError::Read { path, source: error.into() })?)
    } else if !outputs.terraform.is_empty() {
        let dir = resolve(dir, &outputs.terraform).display().to_string();
        let words = ["terraform".to_owned(), format!("-chdir={dir}"), "output".to_owned(), "-json".to_owned()];
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

/// Runs a command in a directory and returns its stdout.
async fn run(words: &[String], dir: &Path) -> Result<(String, Vec<u8>), OutputsError> {
    let shown = words.join(" ");
    let Some((program, arguments)) = words.split_first() else { return Ok((shown, Vec::new())) };
    let failed = |source| OutputsError::Start { command: shown.clone(), source };
    let here = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    // Whether a relative path is found from the new directory depends on the platform.
    let program = if program.contains('/') {
        std::path::absolute(here.join(program)).map_err(failed)?
    } else {
        PathBuf::from(program)
    };
    let mut command = Command::new(program);
    command.args(arguments).current_dir(here).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    let mut child = command.spawn().map_err(failed)?;
    let mut printed = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        stdout.take(TEXT_LIMIT + 1).read_to_end(&mut printed).await.map_err(failed)?;
    }
    if printed.len() as u64 > TEXT_LIMIT {
        // Dropping the child ends it.
        return Err(OutputsError::TooLong(shown));
    }
    let status = child.wait().await.map_err(failed)?;
    if !status.success() {
        return Err(OutputsError::Failed { command: shown, status });
    }
    Ok((format!("`{shown}`"), printed))
}
