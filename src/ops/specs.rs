//! The objects of files that `create -f` and `replace -f` take, each checked as far as it can be alone.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt as _, TryStreamExt as _};
use serde_json::Value;

use super::documents::Text;
use super::stored_metadata;
use kopsform_diagnostics::{Finding, Report, Rule};
use kopsform_pki as pki;
use kopsform_spec::decode::{Decoded, Object, Strictness, decode};
use kopsform_spec::meta::ObjectMeta;
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup, SshCredential};
use kopsform_state::{CLUSTER_LABEL, CONCURRENCY, Read, ReadError, StateStore};

/// What is done with the objects of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// They must be stored already: `replace`.
    Required,
    /// They are stored whether they were or not: `replace --force`.
    Optional,
    /// They must not be stored yet: `create`.
    Refused,
}

impl Existing {
    /// The command's name, as messages say it.
    fn verb(self) -> &'static str {
        match self {
            Self::Refused => "create",
            Self::Required | Self::Optional => "replace",
        }
    }
}

/// The objects of files.
pub(super) struct Specs {
    existing: Existing,
    pub clusters: Vec<Decoded<Cluster>>,
    /// With the cluster each belongs to.
    pub groups: Vec<(String, Decoded<InstanceGroup>)>,
    /// With the cluster each belongs to, and its fingerprint.
    pub credentials: Vec<(String, Decoded<SshCredential>, String)>,
    /// Objects of other APIs, to be applied to the cluster.
    pub additional: Vec<Decoded<Value>>,
    /// What is wrong or odd about the files by themselves.
    pub findings: Report,
}

impl Specs {
    /// Reads all objects of all texts. Those that cannot be read are left out and have their finding, so that the others can
    /// be checked in the same run.
    pub fn read(texts: &[Text], existing: Existing, strict: bool) -> Self {
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
        for text in texts {
            let decoding = decode(&text.name, &text.content, strictness);
            report.extend(decoding.report);
            for object in decoding.objects {
                specs.take(object, &mut report);
            }
        }
        specs.find_duplicates(&mut report);
        specs.check_additional(&mut report);
        specs.findings = report;
        specs
    }

    fn take(&mut self, object: Object, report: &mut Report) {
        match object {
            Object::Cluster(cluster) => {
                if cluster.object.metadata.name.is_empty() {
                    report.push(placed(
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
                    report.push(placed(&group, finding));
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
                        report.push(placed(&credential, Finding::error(Rule::BadSshKey, "spec.publicKey", message)));
                    }
                }
            }
            Object::Keyset(keyset) => {
                let finding = Finding::error(Rule::UnhandledKind, "kind", "unhandled kind Keyset")
                    .hint("keysets are changed by create keypair, promote and distrust");
                report.push(placed(&keyset, finding));
            }
            Object::Additional(object) if self.existing == Existing::Refused => self.additional.push(*object),
            Object::Additional(object) => {
                let text = |name: &str| object.object.get(name).and_then(|v| v.as_str()).unwrap_or_default();
                let message = format!("unhandled kind {:?}", format!("{}, Kind={}", text("apiVersion"), text("kind")));
                let finding = Finding::error(Rule::UnhandledKind, "kind", message)
                    .hint("objects of other APIs are stored by `kopsform create -f`");
                report.push(placed(&object, finding));
            }
        }
    }

    /// The cluster an object belongs to; a finding when it does not say.
    fn owner<T>(&self, metadata: &ObjectMeta, what: &str, decoded: &Decoded<T>, report: &mut Report) -> Option<String> {
        if let Some(owner) = stored_metadata::cluster_of(metadata) {
            return Some(owner.to_owned());
        }
        let message =
            format!("must specify {CLUSTER_LABEL:?} label with cluster name to {} {what}", self.existing.verb());
        report.push(placed(decoded, Finding::error(Rule::NoClusterLabel, "metadata.labels", message)));
        None
    }

    /// Whether a cluster is in the files.
    pub fn holds_cluster(&self, name: &str) -> bool {
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
                report.push(placed(cluster, Finding::error(Rule::DuplicateObject, "metadata.name", message)));
            }
        }
        for (owner, group) in &self.groups {
            let name = &group.object.metadata.name;
            if !seen.insert((owner, name)) {
                let message = format!("instance group {name} is in the files more than once");
                report.push(placed(group, Finding::error(Rule::DuplicateObject, "metadata.name", message)));
            }
        }
    }

    /// Reads everything of the store that the files are about, side by side.
    pub async fn read_stored(&self, state: &StateStore) -> Result<InStore, ReadError> {
        let owners: BTreeSet<&String> = self
            .clusters
            .iter()
            .map(|cluster| &cluster.object.metadata.name)
            .chain(self.groups.iter().map(|(owner, _)| owner))
            .chain(self.credentials.iter().map(|(owner, _, _)| owner))
            .collect();
        let clusters = futures::stream::iter(owners)
            .map(|name| async move { Ok::<_, ReadError>((name.clone(), state.cluster(name).cluster().await?)) })
            .buffered(CONCURRENCY)
            .try_collect();
        let groups = futures::stream::iter(&self.groups)
            .map(|(owner, group)| async move {
                let name = &group.object.metadata.name;
                Ok::<_, ReadError>(((owner.clone(), name.clone()), state.cluster(owner).instance_group(name).await?))
            })
            .buffered(CONCURRENCY)
            .try_collect();
        let (clusters, groups) = futures::try_join!(clusters, groups)?;
        Ok(InStore { clusters, groups })
    }
}

/// What the store holds of the objects in the files.
pub(super) struct InStore {
    pub clusters: BTreeMap<String, Option<Read<Cluster>>>,
    /// By cluster and name.
    pub groups: BTreeMap<(String, String), Option<Read<InstanceGroup>>>,
}

/// A finding with the place its field stands at.
pub(super) fn placed<T>(decoded: &Decoded<T>, mut finding: Finding) -> Finding {
    decoded.locations.place(&mut finding);
    finding
}
