//! `get`: reads objects from the state store.

use std::collections::BTreeSet;

use futures::{StreamExt as _, TryStreamExt as _};
use serde::Serialize;
use serde_json::Value;

use super::support::warnings::log_warnings;
use kopsform_diagnostics::Explain;
use kopsform_pki::PkiError;
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup};
use kopsform_state::{
    COMPLETED_SPEC, CONCURRENCY, CONFIG, ClusterStore, KOPS_VERSION_FILE, OpenError, ReadError, StateStore, Store as _,
    decode,
};

/// Why something could not be shown.
#[derive(Debug, thiserror::Error)]
pub enum GetError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("keyset {keyset}: {source}")]
    Pki { keyset: String, source: PkiError },
    #[error("cluster not found {0:?}")]
    NoCluster(String),
    /// The store is empty.
    #[error("no clusters found")]
    NoClusters,
    /// There are some, and none of them can be read. The reasons were logged.
    #[error("none of the {count} {what} found can be read")]
    Unreadable { what: &'static str, count: usize },
    #[error("instancegroup not found {0:?}")]
    NoGroup(String),
    /// The cluster has no groups.
    #[error("no InstanceGroup objects found")]
    NoGroups,
    /// The cluster has no key pairs, or none of these names.
    #[error("no keypairs found")]
    NoKeypairs,
    /// The cluster has no secrets, or none of these names.
    #[error("no secrets found")]
    NoSecrets,
    /// The cluster was never updated.
    #[error("{0} has no completed spec yet")]
    NoFullSpec(String),
}

impl Explain for GetError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Read(error) => error.hints(),
            Self::Open(error) => error.hints(),
            Self::NoFullSpec(_) => {
                vec!["it is written by `kopsform update cluster --yes`, or when Terraform applies an update".to_owned()]
            }
            Self::NoCluster(_) => vec!["`kopsform get clusters` lists the clusters in the state store".to_owned()],
            _ => Vec::new(),
        }
    }
}

/// Clusters, and warnings about those that could not be read.
#[derive(Debug, Default)]
pub struct Clusters {
    /// In the order of the given names, else by name.
    pub clusters: Vec<Cluster>,
    pub warnings: Vec<String>,
}

/// The release that last updated a cluster; `None` if none did.
pub async fn last_version(state: &StateStore, name: &str) -> Result<Option<String>, GetError> {
    let (store, _) = ClusterStore::load(state, name).await?;
    let stored = store.base().read(KOPS_VERSION_FILE).await.map_err(ReadError::from)?;
    Ok(stored.map(|stored| String::from_utf8_lossy(&stored.bytes).trim().to_owned()))
}

/// The clusters with the given names, or all. Takes one request for one name.
pub async fn clusters(state: &StateStore, names: &[String]) -> Result<Clusters, GetError> {
    let mut found = Clusters::default();
    if let [name] = names {
        let cluster = state.cluster(name).cluster().await?.ok_or_else(|| GetError::NoCluster(name.clone()))?;
        found.clusters.push(cluster.object);
        return Ok(found);
    }
    let wanted = if names.is_empty() { state.cluster_names().await.map_err(ReadError::from)? } else { names.to_vec() };
    let read: Vec<_> = futures::stream::iter(&wanted)
        .map(|name| async move { (name, state.cluster(name).cluster().await) })
        .buffered(CONCURRENCY)
        .collect()
        .await;
    for (name, outcome) in read {
        match outcome {
            Ok(Some(cluster)) => found.clusters.push(cluster.object),
            Ok(None) if names.is_empty() => {}
            Ok(None) => return Err(GetError::NoCluster(name.clone())),
            Err(error) if !names.is_empty() => return Err(error.into()),
            Err(error) => found
                .warnings
                .push(format!("cluster {name:?} found in state store listing, but cannot be loaded: {error}")),
        }
    }
    if found.clusters.is_empty() {
        return Err(unreadable("clusters", &found.warnings).unwrap_or(GetError::NoClusters));
    }
    Ok(found)
}

/// The error of a list in which nothing could be read; `None` if there was nothing to read.
fn unreadable(what: &'static str, warnings: &[String]) -> Option<GetError> {
    log_warnings(warnings);
    Some(GetError::Unreadable { what, count: warnings.len() }).filter(|_| !warnings.is_empty())
}

/// The completed specs of clusters, as written by the last applied update.
pub async fn full_specs(state: &StateStore, clusters: &[Cluster]) -> Result<Vec<Cluster>, GetError> {
    futures::stream::iter(clusters)
        .map(|cluster| async move {
            let name = &cluster.metadata.name;
            let store = state.cluster(name).located(cluster)?;
            let stored = store.base().read(COMPLETED_SPEC).await.map_err(ReadError::from)?;
            let stored = stored.ok_or_else(|| GetError::NoFullSpec(name.clone()))?;
            let url = store.base().url(COMPLETED_SPEC);
            let malformed = |report: kopsform_diagnostics::Report| ReadError::Malformed {
                url: url.clone(),
                reason: report.to_string(),
            };
            Ok(decode::<Cluster>(&url, &stored.bytes).map_err(malformed)?)
        })
        .buffered(CONCURRENCY)
        .try_collect()
        .await
}

/// The instance groups with the given names, in their order, or all, by name; with their cluster.
pub async fn instance_groups(
    state: &StateStore,
    cluster: &str,
    names: &[String],
) -> Result<(Cluster, Vec<InstanceGroup>), GetError> {
    let store = state.cluster(cluster);
    let groups = async {
        if names.is_empty() {
            let groups = store.instance_groups().await?;
            return Ok(groups.into_iter().map(|read| read.object).collect());
        }
        futures::stream::iter(names)
            .map(|name| async {
                let group = store.instance_group(name).await?;
                group.map(|read| read.object).ok_or_else(|| GetError::NoGroup(name.clone()))
            })
            .buffered(CONCURRENCY)
            .try_collect::<Vec<InstanceGroup>>()
            .await
    };
    let (cluster, groups) = futures::join!(existing(&store), groups);
    // A missing cluster is a better error than its missing groups.
    let (cluster, groups) = (cluster?, groups?);
    if groups.is_empty() {
        return Err(GetError::NoGroups);
    }
    Ok((cluster, groups))
}

async fn existing(store: &ClusterStore) -> Result<Cluster, GetError> {
    match store.cluster().await? {
        Some(read) => Ok(read.object),
        None => Err(missing(store).into()),
    }
}

fn missing(store: &ClusterStore) -> ReadError {
    ReadError::NoCluster { name: store.name().to_owned(), url: store.registry().url(CONFIG) }
}

/// Everything `get all` shows.
#[derive(Debug)]
pub struct All {
    pub cluster: Cluster,
    /// By name.
    pub groups: Vec<InstanceGroup>,
    /// Additional objects that are applied to the cluster.
    pub objects: Vec<Value>,
}

/// The cluster with all its instance groups and additional objects. Lists once, then reads concurrently.
pub async fn all(state: &StateStore, cluster: &str) -> Result<All, GetError> {
    let store = state.cluster(cluster);
    let (cluster, groups, objects) =
        futures::try_join!(store.cluster(), store.instance_groups(), store.additional_objects())?;
    let cluster = cluster.ok_or_else(|| missing(&store))?.object;
    Ok(All { cluster, groups: groups.into_iter().map(|read| read.object).collect(), objects })
}

/// The sorted zones of a group: its own and those of its subnets. Empty if it names a subnet that the cluster lacks, as in kops.
pub fn zones_of(cluster: &Cluster, group: &InstanceGroup) -> Vec<String> {
    let mut zones: BTreeSet<&str> = group.spec.zones.iter().map(String::as_str).collect();
    for name in &group.spec.subnets {
        let Some(subnet) = cluster.subnet(name) else { return Vec::new() };
        if !subnet.zone.is_empty() {
            zones.insert(&subnet.zone);
        }
    }
    zones.into_iter().map(str::to_owned).collect()
}

/// A keypair without its private key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Keypair {
    /// The keyset.
    pub name: String,
    pub id: String,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distrust_timestamp: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_primary: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub subject: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub issuer: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alternate_names: Vec<String>,
    #[serde(rename = "isCA", skip_serializing_if = "std::ops::Not::not")]
    pub is_ca: bool,
    /// RFC 3339 in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<String>,
    /// RFC 3339 in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_after: Option<String>,
    /// In bits; only for RSA.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_length: Option<usize>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub has_private_key: bool,
}

/// The keypairs of the given keysets, or of all. Keysets that cannot be read are warnings.
pub async fn keypairs(
    state: &StateStore,
    cluster: &str,
    names: &[String],
    distrusted: bool,
) -> Result<(Vec<Keypair>, Vec<String>), GetError> {
    let (store, _) = ClusterStore::load(state, cluster).await?;
    let mut wanted = store.keyset_names().await?;
    if !names.is_empty() {
        wanted.retain(|name| names.contains(name));
    }
    let read: Vec<_> = futures::stream::iter(&wanted)
        .map(|name| {
            let store = &store;
            async move { (name, store.keyset(name).await) }
        })
        .buffered(CONCURRENCY)
        .collect()
        .await;
    let (mut found, mut warnings) = (Vec::new(), Vec::new());
    for (name, keyset) in read {
        let keyset = match keyset {
            Ok(Some(read)) => read.object,
            Ok(None) => continue,
            Err(ReadError::Malformed { url, reason }) => {
                warnings.push(format!("ignoring keyset {name:?} at {url}: {reason}"));
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        for item in &keyset.items {
            if !distrusted && (item.distrusted.is_some() || item.certificate.is_none()) {
                continue;
            }
            let mut keypair = Keypair {
                name: name.clone(),
                id: item.id.clone(),
                distrust_timestamp: item.distrusted.clone(),
                is_primary: item.id == keyset.primary_id,
                has_private_key: item.private_key.is_some(),
                ..Keypair::default()
            };
            let certificate = item.parsed_certificate();
            if let Some(certificate) = certificate.map_err(|source| GetError::Pki { keyset: name.clone(), source })? {
                keypair.subject = certificate.subject;
                keypair.issuer = certificate.issuer;
                keypair.alternate_names = certificate.alternate_names;
                keypair.is_ca = certificate.is_ca;
                keypair.not_before = rfc3339(certificate.not_before);
                keypair.not_after = rfc3339(certificate.not_after);
                keypair.key_length = certificate.key_length;
            }
            found.push(keypair);
        }
    }
    if found.is_empty() {
        return Err(unreadable("keysets", &warnings).unwrap_or(GetError::NoKeypairs));
    }
    Ok((found, warnings))
}

fn rfc3339(seconds: i64) -> Option<String> {
    Some(jiff::Timestamp::from_second(seconds).ok()?.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// The names of the secrets that exist among the given ones, or of all.
pub async fn secrets(
    state: &StateStore,
    cluster: &str,
    names: &[String],
) -> Result<(ClusterStore, Vec<String>), GetError> {
    let (store, _) = ClusterStore::load(state, cluster).await?;
    let mut found = store.secret_names().await?;
    if !names.is_empty() {
        found.retain(|name| names.contains(name));
    }
    if found.is_empty() {
        return Err(GetError::NoSecrets);
    }
    Ok((store, found))
}
