//! The objects in the files of `create -f` and `replace -f`, with the checks that need only the object itself.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt as _, TryStreamExt as _};
use serde_json::Value;

use super::documents::InputFile;
use super::stored_metadata;
use kopsform_diagnostics::{Finding, Report, Rule};
use kopsform_pki as pki;
use kopsform_spec::decode::{Decoded, Object, Strictness, decode_files};
use kopsform_spec::meta::ObjectMeta;
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup, SshCredential};
use kopsform_state::{CLUSTER_LABEL, CONCURRENCY, ClusterStore, Read, ReadError, StateStore};

/// Whether the objects of a file may be stored already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// They must exist: `replace`.
    Required,
    /// They may exist: `replace --force`.
    Optional,
    /// They must not exist: `create`.
    Refused,
}

impl Existing {
    /// The command's verb, for messages.
    fn verb(self) -> &'static str {
        match self {
            Self::Refused => "create",
            Self::Required | Self::Optional => "replace",
        }
    }
}

/// The objects of files.
pub(in crate::ops) struct Specs {
    existing: Existing,
    pub clusters: Vec<Decoded<Cluster>>,
    /// With the name of the cluster.
    pub groups: Vec<(String, Decoded<InstanceGroup>)>,
    /// With the name of the cluster and the fingerprint.
    pub credentials: Vec<(String, Decoded<SshCredential>, String)>,
    /// Objects of other APIs, which are applied to the cluster.
    pub additional: Vec<Decoded<Value>>,
    /// Errors and warnings about the files, without the store.
    pub findings: Report,
}

impl Specs {
    /// Reads all objects of all files. Those that cannot be read are left out and reported, so that the others can be checked in
    /// the same run.
    pub fn read(files: &[InputFile], existing: Existing, strict: bool) -> Self {
        let strictness = if strict { Strictness::Strict } else { Strictness::Lenient };
        let mut specs = Self {
            existing,
            clusters: Vec::new(),
            groups: Vec::new(),
            credentials: Vec::new(),
            additional: Vec::new(),
            findings: Report::default(),
        };
        let mut report = Report::default();
        let contents = files.iter().map(|file| (file.name.as_str(), file.content.as_str()));
        for decoding in decode_files(contents, strictness) {
            report.extend(decoding.report);
            for object in decoding.objects {
                specs.add(object, &mut report);
            }
        }
        specs.find_duplicates(&mut report);
        specs.check_additional(&mut report);
        specs.findings = report;
        specs
    }

    fn add(&mut self, object: Object, report: &mut Report) {
        match object {
            Object::Cluster(cluster) => {
                if cluster.object.metadata.name.is_empty() {
                    report.push(located(
                        &cluster,
                        Finding::error(Rule::NoName, "metadata.name", "the cluster has no name"),
                    ));
                } else {
                    self.clusters.push(*cluster);
                }
            }
            Object::InstanceGroup(group) => {
                if group.object.metadata.name.is_empty() {
                    let finding = Finding::error(Rule::NoName, "metadata.name", "the instance group has no name");
                    report.push(located(&group, finding));
                } else if let Some(owner) = self.owner(&group.object.metadata, "instanceGroup", &group, report) {
                    self.groups.push((owner, *group));
                }
            }
            Object::SshCredential(credential) => {
                let Some(owner) = self.owner(&credential.object.metadata, "SSHCredential", &credential, report) else {
                    return;
                };
                let key = &credential.object.spec.public_key;
                let fingerprint = if key.is_empty() {
                    Err("spec.PublicKey is required".to_owned())
                } else {
                    pki::ssh_fingerprint(key).map_err(|error| error.to_string())
                };
                match fingerprint {
                    Ok(fingerprint) => self.credentials.push((owner, *credential, fingerprint)),
                    Err(message) => {
                        report.push(located(&credential, Finding::error(Rule::BadSshKey, "spec.publicKey", message)));
                    }
                }
            }
            Object::Keyset(keyset) => {
                let finding = Finding::error(Rule::UnhandledKind, "kind", "unhandled kind Keyset")
                    .hint("use `kopsform create keypair`, `promote keypair` and `distrust keypair`");
                report.push(located(&keyset, finding));
            }
            Object::Additional(object) if self.existing == Existing::Refused => self.additional.push(*object),
            Object::Additional(object) => {
                let field = |name: &str| object.object.get(name).and_then(|v| v.as_str()).unwrap_or_default();
                let message =
                    format!("unhandled kind {:?}", format!("{}, Kind={}", field("apiVersion"), field("kind")));
                let finding = Finding::error(Rule::UnhandledKind, "kind", message)
                    .hint("remove it from the file: objects of other APIs are stored when `kopsform create -f` creates the cluster");
                report.push(located(&object, finding));
            }
        }
    }

    /// The cluster an object belongs to, by its label; a missing label is reported.
    fn owner<T>(&self, metadata: &ObjectMeta, what: &str, decoded: &Decoded<T>, report: &mut Report) -> Option<String> {
        if let Some(owner) = stored_metadata::cluster_of(metadata) {
            return Some(owner.to_owned());
        }
        let message =
            format!("must specify {CLUSTER_LABEL:?} label with cluster name to {} {what}", self.existing.verb());
        report.push(located(decoded, Finding::error(Rule::NoClusterLabel, "metadata.labels", message)));
        None
    }

    pub fn contains_cluster(&self, name: &str) -> bool {
        self.clusters.iter().any(|cluster| cluster.object.metadata.name == name)
    }

    fn check_additional(&self, report: &mut Report) {
        let message = match self.clusters.len() {
            _ if self.additional.is_empty() => return,
            1 => return,
            0 => "must specify a cluster when creating additional objects",
            _ => "cannot specify additional objects when multiple clusters are created",
        };
        report.push(Finding::error(Rule::AdditionalObjects, "", message));
    }

    fn find_duplicates(&self, report: &mut Report) {
        let mut seen = BTreeSet::new();
        for cluster in &self.clusters {
            let name = &cluster.object.metadata.name;
            if !seen.insert(("", name.as_str())) {
                let message = format!("cluster {name} is in the files more than once");
                let finding = Finding::error(Rule::DuplicateObject, "metadata.name", message);
                report.push(located(cluster, finding.object(format!("Cluster/{name}"))));
            }
        }
        for (owner, group) in &self.groups {
            let name = &group.object.metadata.name;
            if !seen.insert((owner, name)) {
                let message = format!("instance group {name} is in the files more than once");
                let finding = Finding::error(Rule::DuplicateObject, "metadata.name", message);
                report.push(located(group, finding.object(format!("InstanceGroup/{name}"))));
            }
        }
    }

    /// Reads the stored versions of the files' objects concurrently.
    pub async fn read_stored(&self, state: &StateStore) -> Result<StoredSpecs, ReadError> {
        let owners: BTreeSet<&String> = self
            .clusters
            .iter()
            .map(|cluster| &cluster.object.metadata.name)
            .chain(self.groups.iter().map(|(owner, _)| owner))
            .chain(self.credentials.iter().map(|(owner, _, _)| owner))
            .collect();
        let stores: BTreeMap<&String, ClusterStore> = futures::stream::iter(owners)
            .map(async |name| Ok::<_, ReadError>((name, state.cluster(name).listed().await?)))
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        let clusters = futures::stream::iter(&stores)
            .map(async |(name, store)| Ok::<_, ReadError>(((*name).clone(), store.cluster().await?)))
            .buffered(CONCURRENCY)
            .try_collect();
        let groups = futures::stream::iter(&self.groups)
            .filter_map(async |(owner, group)| Some((owner, &group.object.metadata.name, stores.get(owner)?)))
            .map(async |(owner, name, store)| {
                Ok::<_, ReadError>(((owner.clone(), name.clone()), store.instance_group(name).await?))
            })
            .buffered(CONCURRENCY)
            .try_collect();
        let names = futures::stream::iter(&stores)
            .map(async |(name, store)| Ok::<_, ReadError>(((*name).clone(), store.instance_group_names().await?)))
            .buffered(CONCURRENCY)
            .try_collect();
        let (clusters, groups, group_names) = futures::try_join!(clusters, groups, names)?;
        Ok(StoredSpecs { clusters, groups, group_names })
    }
}

/// The stored versions of the files' objects.
pub(in crate::ops) struct StoredSpecs {
    pub clusters: BTreeMap<String, Option<Read<Cluster>>>,
    /// By cluster and group name.
    pub groups: BTreeMap<(String, String), Option<Read<InstanceGroup>>>,
    /// The names of all stored groups of the clusters, also those that are not in the files.
    pub group_names: BTreeMap<String, Vec<String>>,
}

/// A finding with the location of its field.
pub(in crate::ops) fn located<T>(decoded: &Decoded<T>, mut finding: Finding) -> Finding {
    decoded.locations.place(&mut finding);
    finding
}
