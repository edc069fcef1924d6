//! `update cluster --target cloudformation`: from the state store to templates.
//!
//! [`plan`] reads and renders everything in memory, and checks what can be checked; [`apply`] creates missing keysets and secrets and
//! writes the templates, and only if asked to, what CloudFormation has no resource for.

use std::collections::BTreeSet;
use std::path::Path;

use super::direct::{ApplyDeps, DirectError, existing, outside};
use super::support::differences::Difference;
use super::support::uploads::{self, UploadError};
use super::update_cluster::{self, Model, UpdateDeps, UpdateError, UpdateOptions};
use kopsform_cloudformation::import::Existing;
use kopsform_cloudformation::{
    self as cloudformation, Options, Output, Outside, Owner, RenderError, SpecField, WriteSummary,
};
use kopsform_diagnostics::Explain;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_files::Change;
use kopsform_pki::Keysets;
use kopsform_spec::v1alpha2::Cluster;
use kopsform_state::{EnsureError, Holder, KeyPlan, PlannedContents, StateStore};
use kopsform_yaml::Document;

/// Why an update failed.
#[derive(Debug, thiserror::Error)]
pub enum CloudFormationError {
    #[error(transparent)]
    Update(#[from] UpdateError),
    #[error(transparent)]
    Render(#[from] cloudformation::RenderError),
    #[error(transparent)]
    Write(#[from] cloudformation::WriteError),
    #[error(transparent)]
    Keys(#[from] EnsureError),
    #[error(transparent)]
    Files(#[from] UploadError),
    /// What CloudFormation has no resource for was not written.
    #[error(transparent)]
    Outside(#[from] DirectError),
}

impl Explain for CloudFormationError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Update(e) => e.hints(),
            Self::Render(e) => e.hints(),
            Self::Write(e) => e.hints(),
            Self::Keys(e) => e.hints(),
            Self::Files(e) => e.hints(),
            Self::Outside(e) => e.hints(),
        }
    }

    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Outside(e) => e.exit_code(),
            _ => ExitCode::Error,
        }
    }
}

/// An update that only has to be written.
pub struct CloudFormationPlan<'a> {
    model: Model<'a>,
    options: &'a UpdateOptions,
    cloudformation: Options,
    keys: KeyPlan,
    output: Output,
    /// Whether resources would move between stacks, compared with what an earlier run wrote.
    pub moves_between_stacks: bool,
}

/// What an update did.
#[derive(Debug)]
pub struct Updated {
    pub files: WriteSummary,
    /// Names of created keysets.
    pub created_keysets: Vec<String>,
    /// What is still to be done: by another run once the stack exists, or by the user.
    pub remaining: Vec<Outside>,
    /// What the user should know.
    pub warnings: Vec<String>,
    /// The completed cluster.
    pub cluster: Cluster,
}

/// Reads the cluster, looks up facts, makes missing keys and renders the templates. Nothing is written, so `state` may be a preview
/// of what other steps will store.
///
/// # Errors
/// If anything is missing or invalid, a template cannot express the cluster, or the files could not be written.
pub async fn plan<'a>(
    state: &StateStore,
    name: &str,
    options: &'a UpdateOptions,
    cloudformation: Options,
    deps: UpdateDeps<'a, '_>,
) -> Result<CloudFormationPlan<'a>, CloudFormationError> {
    let UpdateDeps { environment, finder, source, warn } = deps;
    let inner = UpdateDeps { environment, finder, source, warn: &mut *warn };
    let mut plan = render(state, name, options, cloudformation, inner).await?;
    if !options.check {
        let summary = cloudformation::check(&plan.output, &options.out, options.foreign)?;
        plan.moves_between_stacks = summary.moves_between_stacks;
    }
    plan.output.assumed.iter().map(|task| format!("{task} is expected to exist and was left out")).for_each(warn);
    Ok(plan)
}

/// [`plan`] without a look at the output directory.
///
/// # Errors
/// If anything is missing or invalid, or a template cannot express the cluster.
pub async fn render<'a>(
    state: &StateStore,
    name: &str,
    options: &'a UpdateOptions,
    cloudformation: Options,
    deps: UpdateDeps<'a, '_>,
) -> Result<CloudFormationPlan<'a>, CloudFormationError> {
    let (model, keys) = update_cluster::load_model(state, name, options, deps).await?;
    let output = render_model(&model, keys.keysets(), options, &cloudformation)?;
    Ok(CloudFormationPlan { model, options, cloudformation, keys, output, moves_between_stacks: false })
}

fn render_model(
    model: &Model<'_>,
    keysets: &Keysets,
    options: &UpdateOptions,
    cloudformation: &Options,
) -> Result<Output, CloudFormationError> {
    let graph = model.graph(keysets, options, None)?;
    cloudformation::render(&graph, cloudformation).map_err(|error| located(model, error).into())
}

/// An error with the location of the field that asks for what a template cannot express.
fn located(model: &Model<'_>, mut error: RenderError) -> RenderError {
    if let RenderError::Unsupported { field, .. } = &mut error
        && let Some(document) = model.document(field.group.as_deref())
    {
        locate(field, &document);
    }
    error
}

/// Finds a field in the document of its spec: the index of an item that is known by its value, and the location.
fn locate(field: &mut SpecField, document: &Document) {
    if let (Some((list, rest)), Some(value)) = (field.path.split_once("[]"), &field.value) {
        let items = document.root.find(list).node.items().len();
        let paths = (0..items).map(|index| format!("{list}[{index}]{rest}"));
        let has_value = |path: &String| {
            let found = document.root.find(path);
            found.rest.is_empty() && found.node.text() == Some(value)
        };
        if let Some(path) = paths.into_iter().find(has_value) {
            field.path = path;
        }
    }
    if let Some(position) = document.root.position_of(&field.path) {
        field.location = Some(document.source.place(position));
    }
}

impl CloudFormationPlan<'_> {
    /// What would be written.
    pub fn output(&self) -> &Output {
        &self.output
    }

    /// The templates and the keysets that they are made from, for callers that do not write them.
    pub fn into_parts(self) -> (Output, Keysets) {
        (self.output, self.keys.keysets().clone())
    }

    /// Keysets and secrets that would be created, as the stores of the cluster will hold them.
    ///
    /// # Errors
    /// If the store of the cluster cannot be opened.
    pub fn planned_keys(&self, state: &StateStore) -> Result<PlannedContents, CloudFormationError> {
        Ok(self.keys.planned(&self.model.store(state)?))
    }

    /// The completed cluster.
    pub fn cluster(&self) -> &Cluster {
        &self.model.completed
    }

    /// What AWS calls the resources of the cluster that exist.
    ///
    /// # Errors
    /// When what exists cannot be read.
    pub async fn existing(&self, state: &StateStore) -> Result<Existing, CloudFormationError> {
        let store = self.model.store(state)?;
        Ok(existing::find(&self.model, self.keys.keysets(), self.options, &store).await?)
    }

    /// Whether keysets or secrets are missing, so that [`apply`] would store new ones.
    pub fn makes_keys(&self) -> bool {
        self.keys.is_pending()
    }

    /// What [`apply`] would write to files and to the state store. Nothing is written.
    ///
    /// # Errors
    /// If the store or the directory cannot be read.
    pub async fn differences(
        &self,
        state: &StateStore,
        with_objects: bool,
    ) -> Result<Vec<Difference>, CloudFormationError> {
        let stored = self.model.store(state)?;
        let keys = self.keys.pending(&stored).into_iter();
        let keys = keys.map(|(address, new)| Difference::new(address, if new { Change::New } else { Change::Changed }));
        let mut found: Vec<Difference> = keys.collect();
        if with_objects {
            let uploads = uploads::plan(&stored, &self.output.uploads).await?;
            found.extend(uploads.iter().filter_map(Difference::of_write));
        }
        found.extend(file_differences(&self.output, &self.options.out)?);
        Ok(found)
    }
}

/// The files of a directory that differ from an output.
pub(in crate::ops) fn file_differences(output: &Output, out: &Path) -> Result<Vec<Difference>, CloudFormationError> {
    let files = cloudformation::differences(output, out)?.into_iter();
    Ok(files.map(|(file, how)| Difference::new(out.join(file).display().to_string(), how)).collect())
}

/// Creates missing keys and writes the templates. With `deps`, also writes what CloudFormation has no resource for: files of the
/// state store, tags of what exists already, associations of zones, and records that hold a place.
///
/// # Errors
/// If the store, the directory or the cloud cannot be written.
pub async fn apply(
    plan: CloudFormationPlan<'_>,
    state: &StateStore,
    deps: Option<ApplyDeps<'_>>,
) -> Result<Updated, CloudFormationError> {
    let CloudFormationPlan { model, options, cloudformation, keys, mut output, .. } = plan;
    let store = model.store(state)?;
    let holder = Holder::of_process(model.environment, "update cluster");
    let planned = keys.keysets().clone();
    let (keysets, ensured) = keys.store(&store, &holder).await?;
    if keysets != planned {
        // Another process made some of the keys first.
        output = render_model(&model, &keysets, options, &cloudformation)?;
    }
    let (mut warnings, mut waits_for_vpc) = (Vec::new(), true);
    if let Some(deps) = &deps {
        // Instances read the files as soon as the stack starts them.
        uploads::write(&store, &output.uploads, &holder).await?;
        let written = outside::write(&model, &keysets, options, (state, &store), deps).await?;
        tracing::info!(changed = written.done.len(), "wrote what is not in the template");
        warnings = written.warnings;
        waits_for_vpc = written.waits_for_vpc;
    }
    let files = cloudformation::write(&output, &options.out, options.foreign)?;
    tracing::info!(
        out = %options.out.display(),
        written = files.written.len(),
        removed = files.removed.len(),
        unchanged = files.unchanged,
        "wrote templates"
    );
    let is_done = |what: &Outside| match what.owner() {
        Owner::Command => deps.is_some(),
        Owner::CommandLater => deps.is_some() && !waits_for_vpc,
        Owner::User => false,
    };
    let remaining: BTreeSet<Outside> = output.outside.into_iter().filter(|what| !is_done(what)).collect();
    Ok(Updated {
        files,
        created_keysets: ensured.created,
        remaining: remaining.into_iter().collect(),
        warnings,
        cluster: model.completed,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn located_in(mut field: SpecField, text: &str) -> String {
        let parsed = kopsform_yaml::parse("s3://store/a/config", text);
        locate(&mut field, parsed.documents.first().unwrap());
        field.to_string()
    }

    #[test]
    fn a_field_is_found_by_its_value_and_has_a_location() {
        let text = "spec:\n  subnets:\n  - name: a\n  - name: b\n    publicIP: 192.0.2.7\n";
        let field = SpecField::of_cluster("spec.subnets[].publicIP").with_value("192.0.2.7");
        assert_eq!(located_in(field, text), "s3://store/a/config:5:15: spec.subnets[1].publicIP");
    }

    #[test]
    fn a_field_that_the_spec_does_not_have_is_named_without_a_location() {
        for text in ["spec: {}", "spec:\n  subnets: x\n"] {
            let field = SpecField::of_cluster("spec.subnets[].publicIP").with_value("192.0.2.7");
            assert_eq!(located_in(field, text), "spec.subnets[].publicIP");
            let field = SpecField::of_group("nodes", "spec.additionalUserData");
            assert_eq!(located_in(field, text), "InstanceGroup/nodes: spec.additionalUserData");
        }
    }
}
