//! Errors of a diff.

use std::path::PathBuf;

use super::git::GitError;
use super::sides::Side;
use crate::ops::sync::OutputsError;
use kopsform_compare::SyntaxError;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_diagnostics::{Explain, with_causes};
use kopsform_model::facts::LookupError;
use kopsform_state::{OpenError, ReadError};

/// Why two sides could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum DiffError {
    #[error(transparent)]
    Git(#[from] GitError),
    /// A side could not be rendered. The cause is part of the message, with the names of files as the user knows them.
    #[error("cannot render {side}: {message}")]
    Side { side: String, message: String, hints: Vec<String> },
    #[error("cannot read {}: {source}", .path.display())]
    Directory { path: PathBuf, source: std::io::Error },
    /// An output directory has none of the files that are written.
    #[error("there is neither a Terraform configuration nor a CloudFormation template of a cluster in {}", .0.display())]
    NoConfiguration(PathBuf),
    /// Files of a configuration are not HCL.
    #[error("cannot read {side}: {errors}")]
    Syntax { side: String, errors: String },
    /// Only a project has revisions.
    #[error("a revision is compared with a project, and none is given")]
    NoProject,
    #[error("the files are about {}; a diff is of one cluster", describe(.0))]
    Clusters(Vec<String>),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Lookup(#[from] LookupError),
    #[error(transparent)]
    Outputs(#[from] OutputsError),
}

fn describe(clusters: &[String]) -> String {
    match clusters {
        [] => "no cluster".to_owned(),
        several => format!("{} clusters: {}", several.len(), several.join(", ")),
    }
}

impl Explain for DiffError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Git(error) => error.hints(),
            Self::Side { hints, .. } => hints.clone(),
            Self::NoConfiguration(_) => {
                vec!["specify the directory that `update cluster --out` or `sync` wrote".to_owned()]
            }
            Self::NoProject => vec!["run it in the directory of a kopsform.yaml, or name it with --project".to_owned()],
            Self::Directory { .. } | Self::Syntax { .. } | Self::Clusters(_) => Vec::new(),
            Self::Read(error) => error.hints(),
            Self::Open(error) => error.hints(),
            Self::Lookup(error) => error.hints(),
            Self::Outputs(error) => error.hints(),
        }
    }

    fn exit_code(&self) -> ExitCode {
        // 2 means that the sides differ.
        ExitCode::Error
    }
}

/// The error of a side. `names` are replaced in messages: directories that only exist while this runs.
pub(super) fn of_side(side: &str, names: &[(String, String)], error: &dyn Explain) -> DiffError {
    let readable = |text: &str| names.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    DiffError::Side {
        side: side.to_owned(),
        message: readable(&with_causes(error)),
        hints: error.hints().iter().map(|hint| readable(hint)).collect(),
    }
}

/// The error of files that are not HCL.
pub(super) fn unreadable(side: &Side, errors: &[SyntaxError]) -> DiffError {
    let errors = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    DiffError::Syntax { side: side.name.clone(), errors }
}
