//! `create instancegroup`: creates a group with the defaults of its role.

use std::path::PathBuf;

use super::edit::Editor;
use super::support::channel;
use super::support::facts::FactFinder;
use super::support::stored_metadata;
use kopsform_diagnostics::{Explain, Finding, Report, Rule, Severity};
use kopsform_env::Environment;
use kopsform_env::features::Features;
use kopsform_model::defaults::{self, DefaultsContext, DefaultsError};
use kopsform_model::facts::{LookupError, Needs};
use kopsform_spec::decode::{Decoded, Locations, Strictness, decode_one};
use kopsform_spec::labels;
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup, InstanceGroupRole};
use kopsform_spec::validation::{Rules, Scope, Specs, validate};
use kopsform_state::{
    API_VERSION, CLUSTER_LABEL, ClusterStore, CommitError, Holder, ReadError, StateStore, Write, commit, encode,
    instance_group_key,
};

/// What the flags specify.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub cluster: String,
    pub name: String,
    pub role: InstanceGroupRole,
    /// Those for its role if empty.
    pub subnets: Vec<String>,
    /// For subnets that span several zones.
    pub zones: Vec<String>,
}

/// Why no group was created; nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum CreateGroupError {
    /// The state store could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("instance group {0:?} already exists")]
    Exists(String),
    /// The name is part of keys in the state store and of names in the cloud, so it must fit there. kops accepts any.
    #[error("{0}")]
    BadName(Report),
    /// The cluster does not have a subnet that was named.
    #[error("{0}")]
    NoSubnet(Report),
    /// On Google Cloud, groups name their zones.
    #[error("an instance group on Google Cloud needs zones")]
    NoZones,
    #[error(transparent)]
    Lookup(#[from] LookupError),
    #[error(transparent)]
    Defaults(#[from] DefaultsError),
    #[error("error launching editor: {0}")]
    Editor(#[from] std::io::Error),
    /// The edited group is invalid.
    #[error("validation failed: {report}\n\nthe edited file is {}", .kept.display())]
    Invalid {
        report: Report,
        /// The edited file.
        kept: PathBuf,
    },
    #[error("cannot store InstanceGroup/{name}: {reason}")]
    Encode { name: String, reason: String },
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl Explain for CreateGroupError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Read(e) => e.hints(),
            Self::Exists(name) => vec![format!("change it with `kopsform edit ig {name}`")],
            Self::BadName(_) | Self::NoSubnet(_) => Vec::new(),
            Self::NoZones => vec!["add --zone, such as --zone us-central1-a".to_owned()],
            Self::Lookup(e) => e.hints(),
            Self::Defaults(e) => e.hints(),
            Self::Editor(_) => vec!["set KUBE_EDITOR or EDITOR, or skip the editor with --edit=false".to_owned()],
            Self::Invalid { .. } => vec!["correct it and store it with `kopsform create -f FILE`".to_owned()],
            Self::Encode { .. } => Vec::new(),
            Self::Commit(e) => e.hints(),
        }
    }
}

/// A group that is not stored yet.
pub struct NewGroup {
    pub group: InstanceGroup,
    pub warnings: Vec<String>,
    cluster: Cluster,
    store: ClusterStore,
}

/// Fills in the defaults of the group. Nothing is written. As in kops, what else is wrong with it is no error until it is edited;
/// here, it is a warning.
///
/// # Errors
/// If the name is invalid or taken, facts are missing or defaults cannot be filled in.
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
    if cluster.object.is_on_gce() && wanted.zones.is_empty() {
        return Err(CreateGroupError::NoZones);
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
    let context = DefaultsContext { facts, features: &features, environment, channel, worker_version: None };
    let mut group = defaults::populate_group(&cluster.object, &group, &context)?;
    group.spec.node_labels.insert(labels::INSTANCE_GROUP.to_owned(), wanted.name.clone());
    if cluster.object.is_on_gce() {
        group.spec.node_labels.insert(labels::METADATA_PROXY_READY.to_owned(), "true".to_owned());
    }
    let group = Decoded { object: group, locations: Locations::none() };
    let found = findings(&cluster.object, &group, Strictness::Lenient, &features);
    let (name, rest): (Vec<Finding>, Vec<Finding>) = found
        .findings
        .into_iter()
        .partition(|finding| finding.rule == Rule::BadName && finding.path == "metadata.name");
    let (subnets, rest): (Vec<Finding>, Vec<Finding>) =
        rest.into_iter().partition(|finding| finding.rule == Rule::UnknownSubnet);
    let errors = |findings: Vec<Finding>| {
        let mut report = Report::default();
        findings.into_iter().for_each(|finding| report.push(Finding { severity: Severity::Error, ..finding }));
        report
    };
    if !name.is_empty() {
        return Err(CreateGroupError::BadName(errors(name)));
    }
    // kops refuses these, too.
    if !subnets.is_empty() {
        return Err(CreateGroupError::NoSubnet(errors(subnets)));
    }
    let rest = rest.into_iter().map(|finding| Finding { severity: Severity::Warning, ..finding }.to_string());
    let warnings = no_channel.into_iter().chain(rest).collect();
    Ok(NewGroup { group: group.object, warnings, cluster: cluster.object, store })
}

/// What is wrong with a group in its cluster.
fn findings(cluster: &Cluster, group: &Decoded<InstanceGroup>, strictness: Strictness, features: &Features) -> Report {
    let cluster = Decoded { object: cluster.clone(), locations: Locations::none() };
    let specs = Specs { cluster: &cluster, groups: vec![group], additional: Vec::new(), scope: Scope::Partial };
    let mut report = validate(&specs, &Rules { strictness, features });
    let object = format!("InstanceGroup/{}", group.object.metadata.name);
    report.findings.retain(|finding| finding.object == object);
    report
}

impl NewGroup {
    /// Opens the group in the editor before it is stored. An invalid file is kept.
    ///
    /// # Errors
    /// If the editor cannot be run, or the edited group is invalid.
    pub async fn edit(&mut self, editor: &dyn Editor, environment: &Environment) -> Result<(), CreateGroupError> {
        let encode_failed = |reason| CreateGroupError::Encode { name: self.group.metadata.name.clone(), reason };
        let encoded = encode(&self.group).map_err(encode_failed)?;
        let (edited, path) = editor.edit(&String::from_utf8_lossy(&encoded)).await?;
        match self.validated(&edited, environment) {
            Ok(group) => {
                let _ = std::fs::remove_file(path);
                self.group = group;
                Ok(())
            }
            Err(report) => Err(CreateGroupError::Invalid { report, kept: path }),
        }
    }

    fn validated(&self, edited: &str, environment: &Environment) -> Result<InstanceGroup, Report> {
        let (decoded, _) = decode_one::<InstanceGroup>("edited file", edited, Strictness::Strict)?;
        let name = &self.group.metadata.name;
        if decoded.object.metadata.name != *name {
            let message = format!("the name {name:?} cannot change");
            return Err(Finding::error(Rule::Renamed, "metadata.name", message).into());
        }
        let features = Features::from_environment(environment);
        let report = findings(&self.cluster, &decoded, Strictness::Strict, &features);
        if report.has_errors() { Err(report) } else { Ok(decoded.object) }
    }

    /// # Errors
    /// If the group cannot be written, or another writer has created it meanwhile.
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
