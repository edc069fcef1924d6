//! From the list of addons to files: render, finish, hash, list.

use std::collections::BTreeSet;

use serde_json::Value;

use super::addon_context::{AddonContext, Purpose};
use super::channel;
use super::finish;
use super::plan::{AddonsError, Content, Plan};
use super::registry::{ADDONS, addons_on};
use crate::{Context, FileKind, ManagedFile, Text, text};
use kopsform_template::Template;
use kopsform_yaml as yaml;

/// Snippets that all templates may use.
const SHARED: &str = include_str!("../../../../templates/addons/shared.yaml");

/// A finished manifest.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// The addon's directory under `templates/addons/`.
    pub directory: &'static str,
    /// The path below `addons/` in the store.
    pub path: String,
    /// The Kubernetes objects.
    pub objects: Vec<Value>,
    /// The objects as YAML.
    pub content: String,
    pub(super) plan: Plan,
}

/// The directories of all addons, in the order of the channel.
pub fn directories() -> impl Iterator<Item = &'static str> {
    ADDONS.iter().map(|addon| addon.directory)
}

/// The manifests of all addons of a cluster, in the order of the channel.
///
/// # Errors
/// When a value of the spec makes a manifest unreadable, or a fact is missing.
pub fn manifests(context: &Context<'_>) -> Result<Vec<Manifest>, AddonsError> {
    let scene = AddonContext::new(context, Purpose::Manifests);
    let mut manifests = Vec::new();
    for addon in addons_on(scene.cloud) {
        if let Some(plan) = (addon.plan)(&scene)? {
            let objects = objects(&scene, &plan)?;
            manifests.push(Manifest {
                directory: addon.directory,
                path: plan.manifest(),
                content: context.kept(&file_name(context, &plan.key()), to_yaml(&objects)),
                objects,
                plan,
            });
        }
    }
    Ok(manifests)
}

/// The manifests and the channel that lists them, as files of the state store.
///
/// # Errors
/// When a manifest cannot be made.
pub fn managed_files(context: &Context<'_>) -> Result<Vec<ManagedFile>, AddonsError> {
    let manifests = manifests(context)?;
    let base = context.cluster.spec.config_base.trim_end_matches('/');
    let file = |kind: FileKind, name: String, key: String, content: String| ManagedFile {
        kind,
        name: file_name(context, &name),
        base: base.to_owned(),
        key: format!("addons/{key}"),
        content,
        ..ManagedFile::default()
    };
    let channel = channel::bootstrap(&manifests);
    let mut files: Vec<ManagedFile> =
        manifests.into_iter().map(|m| file(FileKind::Addon, m.plan.key(), m.path.clone(), m.content)).collect();
    files.push(file(FileKind::Channel, "bootstrap".to_owned(), "bootstrap-channel.yaml".to_owned(), channel));
    Ok(files)
}

/// The name of the file of an addon, or of their channel.
fn file_name(context: &Context<'_>, name: &str) -> Text {
    text![context.cluster_name(), "-addons-", name]
}

/// The images of the addons by the names they have where they come from, sorted: what warm pools pull beforehand.
///
/// # Errors
/// When a manifest cannot be made.
pub fn images(context: &Context<'_>) -> Result<Vec<String>, AddonsError> {
    let scene = AddonContext::new(context, Purpose::Images);
    let mut images = BTreeSet::new();
    for addon in addons_on(scene.cloud) {
        let mut objects = match (addon.plan)(&scene)?.map(|plan| plan.content) {
            Some(Content::Templates { directory, files, values }) => render(directory, &files, &values)?,
            Some(Content::Objects(objects)) => objects,
            Some(Content::Nothing) | None => Vec::new(),
        };
        for object in &mut objects {
            finish::visit_images(object, &mut |image| {
                images.insert(image.clone());
            });
        }
    }
    Ok(images.into_iter().collect())
}

fn objects(scene: &AddonContext<'_>, plan: &Plan) -> Result<Vec<Value>, AddonsError> {
    let mut objects = match &plan.content {
        Content::Templates { directory, files, values } => render(directory, files, values)?,
        // Objects that the user stored are not changed.
        Content::Objects(objects) => return Ok(objects.clone()),
        Content::Nothing => return Ok(Vec::new()),
    };
    if let Some(edit) = plan.edit {
        edit(scene, &mut objects);
    }
    finish::finish(scene, plan, &mut objects)?;
    Ok(objects)
}

/// Renders the files as one template set and reads the documents; empty documents are left out.
fn render(directory: &'static str, files: &[&str], values: &Value) -> Result<Vec<Value>, AddonsError> {
    let text = format!("{SHARED}\n---\n{}", files.join("\n---\n"));
    let rendered = Template::parse(directory, &text)
        .and_then(|template| template.render(values))
        .map_err(|report| AddonsError::Template { addon: directory, report })?;
    let parsed = yaml::parse(directory, &rendered);
    if !parsed.report.is_empty() {
        return Err(AddonsError::Manifest { addon: directory, report: parsed.report });
    }
    Ok(parsed.documents.iter().map(|document| document.root.to_json()).filter(|object| !object.is_null()).collect())
}

/// Documents as kops separates them, without a line break at the end.
fn to_yaml(objects: &[Value]) -> String {
    let documents: Vec<String> = objects.iter().map(yaml::to_string).collect();
    documents.join("\n---\n\n").trim().to_owned()
}
