//! The last step: the files of the project's target.

use std::path::Path;

use super::steps::{Event, Outcome, Step};
use super::{Run, SyncError, count};
use crate::ops::cloudformation::{self, CloudFormationError, CloudFormationPlan};
use crate::ops::support::differences::Difference;
use crate::ops::update_cluster::{self, UpdateDeps, UpdateError, UpdateOptions, UpdatePlan};
use crate::project::{Files, Project};
use kopsform_diagnostics::Explain;
use kopsform_pki::Keysets;
use kopsform_state::StateStore;
use kopsform_terraform::Output;

/// Files that only have to be written.
pub(super) enum PlannedOutput<'o> {
    Terraform(Box<UpdatePlan<'o>>),
    CloudFormation(Box<CloudFormationPlan<'o>>),
}

/// Why files cannot be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum OutputError {
    #[error(transparent)]
    Terraform(#[from] UpdateError),
    #[error(transparent)]
    CloudFormation(Box<CloudFormationError>),
}

impl From<CloudFormationError> for OutputError {
    fn from(error: CloudFormationError) -> Self {
        Self::CloudFormation(Box::new(error))
    }
}

impl Explain for OutputError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Terraform(error) => error.hints(),
            Self::CloudFormation(error) => error.hints(),
        }
    }
}

/// The step that writes the files of a target.
pub(super) fn step(target: Files) -> Step {
    match target {
        Files::Terraform => Step::Terraform,
        Files::CloudFormation => Step::CloudFormation,
    }
}

/// Renders the files of the project's target.
pub(super) async fn plan<'o>(
    project: &Project,
    preview: &StateStore,
    name: &str,
    options: &'o UpdateOptions,
    deps: UpdateDeps<'o, '_>,
) -> Result<PlannedOutput<'o>, OutputError> {
    Ok(match project.files() {
        Files::Terraform => {
            PlannedOutput::Terraform(Box::new(update_cluster::plan(preview, name, options, deps).await?))
        }
        Files::CloudFormation => {
            let form = project.cloudformation_options();
            PlannedOutput::CloudFormation(Box::new(cloudformation::plan(preview, name, options, form, deps).await?))
        }
    })
}

impl PlannedOutput<'_> {
    /// What writing them would change.
    pub(super) async fn differences(&self, preview: &StateStore) -> Result<Vec<Difference>, OutputError> {
        Ok(match self {
            Self::Terraform(plan) => plan.differences(preview).await?,
            Self::CloudFormation(plan) => plan.differences(preview, false).await?,
        })
    }

    /// The files, the templates if these are what they are, and the keysets that they are made from.
    pub(super) fn into_parts(self) -> (Output, Option<kopsform_cloudformation::Output>, Keysets) {
        match self {
            Self::Terraform(plan) => {
                let (output, keysets) = plan.into_parts();
                (output, None, keysets)
            }
            Self::CloudFormation(plan) => {
                let (templates, keysets) = plan.into_parts();
                let (files, cluster) = (templates.files.clone(), templates.cluster.clone());
                (Output { files, cluster, ..Output::default() }, Some(templates), keysets)
            }
        }
    }
}

/// Completes the change of an output directory in which an earlier run was interrupted.
pub(super) fn recover(target: Files, out: &Path) -> Result<bool, OutputError> {
    Ok(match target {
        Files::Terraform => kopsform_terraform::recover(out).map_err(UpdateError::from)?,
        Files::CloudFormation => kopsform_cloudformation::recover(out).map_err(CloudFormationError::from)?,
    })
}

impl Run<'_, '_> {
    /// Writes the files of the target.
    pub(super) async fn write_output(&mut self, plan: Option<PlannedOutput<'_>>) -> Result<(), SyncError> {
        let step = step(self.sync.project.files());
        let Some(plan) = plan else {
            self.skip(step, "");
            return Ok(());
        };
        let out = self.sync.project.out_in(&self.sync.dir);
        let (written, removed, unchanged, keysets) = match plan {
            PlannedOutput::Terraform(plan) => {
                let updated = update_cluster::apply(*plan, &self.sync.state).await.map_err(self.failed(step))?;
                let files = updated.files;
                (files.written.len(), files.removed.len(), files.unchanged, updated.created_keysets)
            }
            PlannedOutput::CloudFormation(plan) => {
                let updated = cloudformation::apply(*plan, &self.sync.state, None).await.map_err(self.failed(step))?;
                for what in &updated.remaining {
                    (self.report)(Event::Note(format!("not in the template: {what}")));
                }
                let files = updated.files;
                (files.written.len(), files.removed.len(), files.unchanged, updated.created_keysets)
            }
        };
        for keyset in &keysets {
            (self.report)(Event::Note(format!("created keyset {keyset}")));
        }
        let changed = written > 0 || removed > 0 || !keysets.is_empty();
        let written = count(written, "file");
        let detail = format!("{}: {written} written, {removed} removed, {unchanged} unchanged", out.display());
        self.end(step, Outcome::of_change(changed), detail);
        Ok(())
    }
}
