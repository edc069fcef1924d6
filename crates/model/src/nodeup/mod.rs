//! What makes an instance a node: the boot script in its user data, and the configuration of nodeup.
//!
//! An instance runs the boot script, which downloads nodeup and passes it a [`BootConfig`]. nodeup then reads
//! `nodeupconfig.yaml`, a [`NodeupConfig`], from the state store or from kops-controller, verifies that it has the hash in the
//! boot configuration, downloads the files listed there (each with its hash) and sets the node up.
//!
//! - `config`: builds the [`NodeupConfig`] of a group;
//! - `internal`: kops' internal names of fields, which nodeup reads;
//! - `warm_pool_images`: the images that a warm pool pulls ahead;
//! - `files`: the files that instances download, with `hashes` of released versions;
//! - `boot`: the [`BootConfig`] and the boot script;
//! - `user_data`: the boot script and the additions of the group, as user data;
//! - `error`: why a configuration can't be built.

mod boot;
mod config;
mod error;
mod files;
mod hashes;
mod internal;
#[cfg(test)]
mod tests;
mod user_data;
mod warm_pool_images;

pub use boot::{BootConfig, ConfigServer};
pub use config::*;
pub use error::NodeupError;
pub use files::{ARCHITECTURES, Architecture, Asset, Download};
pub use internal::instance_group as internal_instance_group;

use crate::assets::AssetLocations;
use crate::defaults::DefaultsContext;
use crate::{Context, ManagedFile};
use boot::Boot;
use files::Files;
use kopsform_env::Environment;
use kopsform_spec::cloud::Cloud;
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup, InstanceGroupRole};
use kopsform_spec::versions::KubernetesVersion;

/// The user data of a group's instances; `None` for bastions that have nothing to do at boot.
///
/// # Errors
/// When a hash or a keyset is missing, or the user data is longer than the cloud allows.
pub fn user_data(context: &Context<'_>, group: &InstanceGroup) -> Result<Option<String>, NodeupError> {
    if !boots(group) {
        return Ok(None);
    }
    let script = Boot::of(context, group)?.script(context, group)?;
    let text = user_data::assemble(&script, group);
    user_data::check_length(&text, context.cluster.cloud().unwrap_or(Cloud::Aws), group)?;
    Ok(Some(text))
}

/// The boot script alone, for users who put it into user data of their own.
///
/// # Errors
/// When a hash or a keyset is missing.
pub fn boot_script(context: &Context<'_>, group: &InstanceGroup) -> Result<String, NodeupError> {
    Boot::of(context, group)?.script(context, group)
}

/// The configuration of every group, and the boot script of groups that Karpenter starts.
///
/// # Errors
/// When a hash or a keyset is missing.
pub fn managed_files(context: &Context<'_>) -> Result<Vec<ManagedFile>, NodeupError> {
    let mut files = Vec::new();
    for group in context.groups.iter().filter(|group| boots(group)) {
        let name = &group.metadata.name;
        let boot = Boot::of(context, group)?;
        let file = |kind: &str, extension: &str, content: String| ManagedFile {
            name: format!("{kind}-{name}").into(),
            base: context.cluster.spec.config_base.trim_end_matches('/').to_owned(),
            key: format!("igconfig/{}/{name}/{kind}.{extension}", group.role().key_name()),
            content,
            ..ManagedFile::default()
        };
        if group.is_managed_by_karpenter() {
            files.push(file("nodeupscript", "sh", boot.script(context, group)?));
        }
        files.push(file("nodeupconfig", "yaml", boot.nodeup_config));
    }
    Ok(files)
}

/// Download addresses whose hash is neither built in nor known: to be looked up before anything is built.
///
/// # Errors
/// When a version in the spec has no downloads.
pub fn assets_without_hash(
    cluster: &Cluster,
    groups: &[InstanceGroup],
    defaults: &DefaultsContext<'_>,
) -> Result<Vec<String>, NodeupError> {
    let locations = AssetLocations::new(cluster, defaults.facts, defaults.features, defaults.environment);
    let files = Files::new(cluster, defaults.facts, defaults.environment, locations);
    let images = sideloaded(groups, defaults.environment);
    files.without_hash(&versions(cluster, defaults.worker_version)?, &images)
}

/// All files that instances download, with their published URL and hash.
///
/// # Errors
/// When a version in the spec has no downloads, or a hash is missing.
pub fn assets(context: &Context<'_>) -> Result<Vec<Asset>, NodeupError> {
    let locations = AssetLocations::new(context.cluster, context.facts, context.features, context.environment);
    let files = Files::new(context.cluster, context.facts, context.environment, locations);
    let images = sideloaded(context.all_groups, context.environment);
    files.assets(&versions(context.cluster, context.worker_version)?, &images)
}

/// The versions of kubelets: the cluster's, and the workers' while the control plane is older.
fn versions(cluster: &Cluster, worker_version: Option<&str>) -> Result<Vec<KubernetesVersion>, NodeupError> {
    let own = Some(cluster.spec.kubernetes_version.as_str());
    Ok(own.into_iter().chain(worker_version).map(KubernetesVersion::parse).collect::<Result<_, _>>()?)
}

/// The images that instances load from files.
fn sideloaded(groups: &[InstanceGroup], environment: &Environment) -> Vec<&'static str> {
    [InstanceGroupRole::ControlPlane, InstanceGroupRole::ApiServer]
        .into_iter()
        .filter(|role| groups.iter().any(|group| group.role() == *role))
        .flat_map(|role| sideloaded_images(environment, role).iter().copied())
        .collect()
}

/// Whether instances of a group do anything at boot.
fn boots(group: &InstanceGroup) -> bool {
    group.role() != InstanceGroupRole::Bastion || !group.spec.additional_user_data.is_empty()
}
