//! Errors of golden tests.

use std::path::{Path, PathBuf};

use crate::ops::sync::SyncError;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_diagnostics::{Explain, Report};
use kopsform_state::OpenError;
use kopsform_terraform::WriteError;

/// Why a case cannot be found, rendered, compared or written.
#[derive(Debug, thiserror::Error)]
pub enum GoldenError {
    #[error("cannot {action} {}: {source}", .path.display())]
    Io { action: &'static str, path: PathBuf, source: std::io::Error },
    #[error("no golden case is in {}", .0.display())]
    NoCases(PathBuf),
    #[error("no case matches {filter}; {} has {}", .dir.display(), .known.join(", "))]
    NoMatch { filter: String, dir: PathBuf, known: Vec<String> },
    #[error("invalid filter {text:?}: {reason}")]
    Filter { text: String, reason: String },
    /// The project file is invalid.
    #[error(transparent)]
    Project(#[from] Report),
    #[error(transparent)]
    Store(#[from] OpenError),
    #[error(transparent)]
    Render(#[from] SyncError),
    #[error(transparent)]
    Templates(#[from] kopsform_cloudformation::WriteError),
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The output directory of a case is not one of its own.
    #[error("the output directory {out} of {} is not below it", .project.display())]
    OutsideOfCase { project: PathBuf, out: String },
    #[error("{} runs a command for its outputs", .0.display())]
    Outputs(PathBuf),
    /// A keyset that could be one of a real cluster.
    #[error("the keyset {} is not marked as one for tests", .0.display())]
    RealKeyset(PathBuf),
    #[error("{} lacks the keysets {}", .dir.display(), .names.join(", "))]
    MissingKeysets { dir: PathBuf, names: Vec<String> },
    #[error("{} exists and is not empty", .0.display())]
    Exists(PathBuf),
    /// Something of the source of a new case is missing.
    #[error("{message}")]
    Source { message: String, hint: String },
}

impl GoldenError {
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}

impl Explain for GoldenError {
    fn hints(&self) -> Vec<String> {
        let one = |hint: &str| vec![hint.to_owned()];
        match self {
            Self::NoCases(_) => one("a case is a directory with a kopsform.yaml; `kopsform golden init DIR` makes one"),
            Self::Filter { .. } => one("a filter is a regular expression that is searched for in the names of cases"),
            Self::Project(error) => error.hints(),
            Self::Store(error) => error.hints(),
            Self::Render(error) => error.hints(),
            Self::Write(error) => error.hints(),
            Self::Templates(error) => error.hints(),
            Self::OutsideOfCase { .. } => {
                one("set terraform.out, or cloudformation.out, to a directory of the case, such as out")
            }
            Self::Outputs(_) => {
                one("record them: `terraform output -json > outputs.json`, and set outputs.file to that file")
            }
            Self::RealKeyset(_) => vec![format!(
                "delete it and run `kopsform golden update`, which makes another one; files in golden directories are public, \
                 so a keyset there begins with the line `{}`",
                super::keysets::MARK
            )],
            Self::MissingKeysets { .. } => one("`kopsform golden update` makes them"),
            Self::Exists(_) => one("name a new directory"),
            Self::Source { hint, .. } => one(hint),
            Self::Io { .. } | Self::NoMatch { .. } => Vec::new(),
        }
    }

    fn exit_code(&self) -> ExitCode {
        ExitCode::Error
    }
}
