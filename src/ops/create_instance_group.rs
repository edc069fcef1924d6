//! `create instancegroup`: a group with every default of its role filled in, stored if there is none of its name.

use std::path::PathBuf;

use super::channel;
use super::edit::Editor;
use super::facts::FactFinder;
use super::stored_metadata;
use kopsform_diagnostics::{Explain, Finding, Report, Rule};
use kopsform_env::Environment;
use kopsform_env::features::Features;
use kopsform_model::defaults::{self, DefaultsContext, DefaultsError};
use kopsform_model::facts::{LookupError, Needs};
use kopsform_spec::decode::{Decoded, Locations, Strictness, decode_one};
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup, InstanceGroupRole};
use kopsform_spec::validation::{Rules, Scope, Specs, validate};
use kopsform_state::{
    API_VERSION, CLUSTER_LABEL, ClusterStore, CommitError, Holder, ReadError, StateStore, Write, commit, encode,
    instance_group_key,
};

/// What a person asked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The cluster.
    pub cluster: String,
    /// The name of the group.
    pub name: String,
    /// What its instances do.
    pub role: InstanceGroupRole,
    /// Its subnets; those of its role when empty.
    pub subnets: Vec<String>,
    /// Its zones, where they are not those of its subnets.
    pub zones: Vec<String>,
}

/// Why no group was made; nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum CreateGroupError {
    /// The state store could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// There is a group of that name.
    #[error("instance group {0:?} already exists")]
    Exists(String),
    /// Facts are missing.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// Defaults could not be filled in.
    #[error(transparent)]
    Defaults(#[from] DefaultsError),
    /// The editor could not be run.
    #[error("error launching editor: {0}")]
    Editor(#[from] std::io::Error),
    /// What the person made of it is wrong.
    #[error("validation failed: {report}\n\nyour text is in {}", .kept.display())]
    Invalid {
        /// What is wrong.
        report: Report,
        /// The file with the text.
        kept: PathBuf,
    },
    /// The group could not be turned into text.
    #[error("cannot store InstanceGroup/{name}: {reason}")]
    Encode {
        /// The group.
        name: String,
        /// The reason.
        reason: String,
    },
    /// Writing failed.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl Explain for CreateGroupError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Read(e) => e.hints(),
            Self::Exists(name) => vec![format!("change it with `kopsform edit ig {name}`")],
            Self::Lookup(e) => e.hints(),
            Self::Defaults(e) => e.hints(),
            Self::Editor(_) => vec!["set KUBE_EDITOR or EDITOR, or leave the editor out with --edit=false".to_owned()],
            Self::Invalid { .. } => vec!["store it with `kopsform create -f FILE` once it is right".to_owned()],
            Self::Encode { .. } => Vec::new(),
            Self::Commit(e) => e.hints(),
        }
    }
}

/// A group that is not stored yet.
pub struct NewGroup {
    /// The group.
    pub group: InstanceGroup,
    /// Things to tell the person that are no errors.
    pub warnings: Vec<String>,
    cluster: Cluster,
    store: ClusterStore,
}

/// Makes the group. Nothing is written.
///
/// # Errors
/// When there is one of its name, facts are missing or defaults cannot be filled in.
pub async fn design(
    state: &StateStore,
    wanted: &Wanted,
    finder: &mut FactFinder,
    environment: &Environment,
) -> Result<NewGroup, CreateGroupError> {
    let (store, cluster) = ClusterStore::load(state, &wanted.cluster).await?;
    if store.instance_group(&wanted.name).await?.is_some() {
        return Err(CreateGroupError::Exists(wanted.name.clone()));
    }
    let (channel, no_channel) = channel::of_cluster(&cluster.object, finder.is_offline(), environment).await;
    let mut group =
        InstanceGroup { api_version: API_VERSION.to_owned(), kind: "InstanceGroup".to_owned(), ..Default::default() };
    group.metadata.name.clone_from(&wanted.name);
    group.metadata.labels.insert(CLUSTER_LABEL.to_owned(), wanted.cluster.clone());
    group.spec.role = Some(wanted.role);
    group.spec.subnets.clone_from(&wanted.subnets);
    group.spec.zones.clone_from(&wanted.zones);

    let all = Needs::of(&cluster.object, std::slice::from_ref(&group));
    let Needs { region, candidate_types, .. } = all;
    let facts = finder.find(&Needs { region, candidate_types, ..Needs::default() }).await?;
    let features = Features::from_environment(environment);
    let channel = channel.as_ref();
    let around = DefaultsContext { facts, features: &features, environment, channel, worker_version: None };
    let mut group = defaults::populate_group(&cluster.object, &group, &around)?;
    group.spec.node_labels.insert("kops.k8s.io/instancegroup".to_owned(), wanted.name.clone());
    Ok(NewGroup { group, warnings: no_channel.into_iter().collect(), cluster: cluster.object, store })
}

impl NewGroup {
    /// Lets the person change the group before it is stored. The text is kept if it is wrong.
    ///
    /// # Errors
    /// When the editor cannot be run, or the text is no group that fits the cluster.
    pub async fn edit(&mut self, editor: &dyn Editor, environment: &Environment) -> Result<(), CreateGroupError> {
        let encode_failed = |reason| CreateGroupError::Encode { name: self.group.metadata.name.clone(), reason };
        let text = encode(&self.group).map_err(encode_failed)?;
        let (edited, path) = editor.edit(&String::from_utf8_lossy(&text)).await?;
        match self.checked(&edited, environment) {
            Ok(group) => {
                let _ = std::fs::remove_file(path);
                self.group = group;
                Ok(())
            }
            Err(report) => Err(CreateGroupError::Invalid { report, kept: path }),
        }
    }

    fn checked(&self, text: &str, environment: &Environment) -> Result<InstanceGroup, Report> {
        let (decoded, _) = decode_one::<InstanceGroup>("edited text", text, Strictness::Strict)?;
        let name = &self.group.metadata.name;
        if decoded.object.metadata.name != *name {
            let message = format!("the name {name:?} cannot change");
            return Err(Finding::error(Rule::Renamed, "metadata.name", message).into());
        }
        let features = Features::from_environment(environment);
        let cluster = Decoded { object: self.cluster.clone(), locations: Locations::none() };
        let specs = Specs { cluster: &cluster, groups: vec![&decoded], additional: Vec::new(), scope: Scope::Partial };
        let mut report = validate(&specs, &Rules { strictness: Strictness::Strict, features: &features });
        report.findings.retain(|finding| finding.object == format!("InstanceGroup/{name}"));
        if report.has_errors() { Err(report) } else { Ok(decoded.object) }
    }

    /// Stores the group.
    ///
    /// # Errors
    /// When it cannot be written, or another writer made one of its name.
    pub async fn store(
        self,
        state: &StateStore,
        now: jiff::Timestamp,
        holder: &Holder,
    ) -> Result<(), CreateGroupError> {
        let name = self.group.metadata.name.clone();
        let stored = stored_metadata::instance_group_to_store(&self.group, None, now);
        let encode_failed = |reason| CreateGroupError::Encode { name: name.clone(), reason };
        let write = Write {
            object: format!("InstanceGroup/{name}"),
            store: self.store.registry().clone(),
            key: instance_group_key(&name),
            private: false,
            before: None,
            after: Some(encode(&stored).map_err(encode_failed)?),
        };
        Ok(commit(state, self.store.name(), vec![write], holder).await?)
    }
}
