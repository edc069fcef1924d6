//! `diff`: what changed specs, templates, facts or a changed release change, before anything is written.
//!
//! Two sides are rendered in memory, or read from a directory, and compared by meaning:
//!
//! - `sides`: the old and the new side, each as files;
//! - `revision`: the files of a project at a revision of its Git repository, which `git` reads;
//! - `directory`: the files of an output directory;
//! - `no_store`: an empty store, for revisions that are compared without the real one;
//! - `compared`: the differences: resources with what Terraform does to them, files, and settings of the configuration;
//! - `templates`: the same of CloudFormation templates;
//! - `rolling`: which instance groups need a rolling update;
//! - `render`: output formats.
//!
//! Nothing is written: keys that are missing are made in memory, the same ones for both sides.

mod compared;
mod directory;
mod error;
mod git;
mod no_store;
mod render;
mod revision;
mod rolling;
mod sides;
mod templates;

pub use compared::{Argument, Compared, ManagedFile, Resource, Setting, compare};
pub use error::DiffError;
pub use git::GitError;
pub use no_store::empty_store;
pub use render::{Format, render};

pub use rolling::{ReplacedBy, RollingUpdate};

use std::path::PathBuf;
use std::sync::Arc;

use super::support::documents::InputFile;
use crate::project::Project;
use kopsform_diagnostics::Allowed;
use kopsform_env::Environment;
use kopsform_pki::KeySource;
use kopsform_state::StateStore;
use sides::{Form, Sides};

/// The inputs of a diff.
pub struct Diff<'a> {
    pub state: StateStore,
    /// The name of the cluster; `None` if the new side names it.
    pub cluster: Option<String>,
    pub new: New<'a>,
    pub old: Old,
    /// The lock file of the new side, if it is not the usual one.
    pub lock: Option<PathBuf>,
    /// The lock file of both sides otherwise.
    pub usual_lock: Option<PathBuf>,
    /// Use only recorded facts.
    pub offline: bool,
    /// Rules that are switched off.
    pub allowed: Allowed,
    /// The files of specs that are in no project. A project and an output directory say it themselves.
    pub target: crate::project::Files,
    /// The environment at the start.
    pub environment: &'a Environment,
    /// The source of new keys, random numbers and the time.
    pub keys: Arc<dyn KeySource>,
}

/// What the specs of the new side come from.
pub enum New<'a> {
    /// A project, as `sync` renders it. `dir` is the directory of its file.
    Project { project: &'a Project, dir: PathBuf },
    /// Files with all specs that change, as `replace -f` stores them.
    Files(Vec<InputFile>),
    /// The state store.
    Stored,
}

/// What the new side is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Old {
    /// What the specs in the state store give.
    Store,
    /// An output directory.
    Directory(PathBuf),
    /// The project at a Git revision.
    Revision(String),
}

/// The differences of a cluster.
#[derive(Debug, serde::Serialize)]
pub struct Outcome {
    pub cluster: String,
    /// The old side as messages name it.
    pub old: String,
    /// The new side as messages name it.
    pub new: String,
    #[serde(flatten)]
    pub compared: Compared,
}

impl Outcome {
    /// Whether the sides differ.
    pub fn differs(&self) -> bool {
        !self.compared.is_empty()
    }
}

/// Renders both sides and compares them. `warn` receives warnings about the new side.
///
/// # Errors
/// If a side cannot be read or rendered.
pub async fn run(diff: &Diff<'_>, warn: &mut (dyn FnMut(String) + Send)) -> Result<Outcome, DiffError> {
    let Sides { cluster, form, old, new, secrets } = Sides::of(diff, warn).await?;
    let compare = match form {
        Form::Terraform(_) => compare,
        Form::CloudFormation(_) => templates::compare,
    };
    let mut compared = compare(&old.files, &new.files).map_err(|errors| error::unreadable(&old, &errors))?;
    compared.hide(&secrets);
    Ok(Outcome { cluster, old: old.name, new: new.name, compared })
}
