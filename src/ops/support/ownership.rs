//! Whose state is where: the addresses in a cluster's spec must not lead to that of another cluster.
//!
//! A spec that was copied from another cluster often keeps its `configBase`. Writing there would overwrite the other cluster's
//! files, and deleting would delete its keys.

use futures::StreamExt as _;

use kopsform_diagnostics::Explain;
use kopsform_spec::v1alpha2::Cluster;
use kopsform_state::{CONCURRENCY, CONFIG, ClusterStore, OpenError, ReadError, StateStore, Store as _, decode};

/// Why a cluster's addresses are not its own.
#[derive(Debug, thiserror::Error)]
pub enum OwnershipError {
    #[error("{field} of cluster {cluster} is {url}, where cluster {other} has its state")]
    OfAnother { cluster: String, field: &'static str, url: String, other: String },
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl Explain for OwnershipError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::OfAnother { field, .. } => {
                vec![format!("give the cluster a {field} of its own, or remove the field; nothing was changed")]
            }
            Self::Read(error) => error.hints(),
        }
    }
}

impl From<OpenError> for OwnershipError {
    fn from(error: OpenError) -> Self {
        Self::Read(error.into())
    }
}

/// An address with the field it comes from. It ends with a slash.
struct Place {
    field: &'static str,
    url: String,
}

/// The field of places that no field names.
const REGISTRY: &str = "metadata.name";
const DISCOVERY: &str = "spec.serviceAccountIssuerDiscovery.discoveryStore";

/// Where a cluster has state: its directory in the state store, and what its spec names. In a store of files, specs name only
/// where instances read, and everything is in its directory.
fn places(state: &StateStore, name: &str, cluster: &Cluster) -> Vec<Place> {
    let spec = &cluster.spec;
    let discovery = spec.service_account_issuer_discovery.as_ref().map_or("", |discovery| &discovery.discovery_store);
    let fields = [
        ("spec.configBase", spec.config_base.as_str()),
        ("spec.keyStore", &spec.key_store),
        ("spec.secretStore", &spec.secret_store),
        (DISCOVERY, discovery),
    ];
    let place = |field, url: &str| Place { field, url: format!("{}/", url.trim_end_matches('/')) };
    let mut places = vec![place(REGISTRY, &state.url().join(name))];
    if state.is_readable_by_clusters() {
        let named = fields.into_iter().filter(|(_, url)| !url.is_empty());
        places.extend(named.map(|(field, url)| place(field, url)));
    }
    places
}

/// Whether one place is, or is in, the other. Only two objects are in a discovery store, so it may be above others.
fn overlap(one: &Place, other: &Place) -> bool {
    if one.field == DISCOVERY || other.field == DISCOVERY {
        return one.url == other.url;
    }
    one.url.starts_with(&other.url) || other.url.starts_with(&one.url)
}

/// Whether a spec names addresses outside the cluster's own directory in the state store.
pub(in crate::ops) fn is_elsewhere(state: &StateStore, name: &str, cluster: &Cluster) -> bool {
    let places = places(state, name, cluster);
    places.iter().any(|place| !place.url.starts_with(&places[0].url))
}

/// Fails if an address of a cluster leads to the state of another one: of the same state store, or one whose `config` is there.
///
/// # Errors
/// Names both clusters. Specs of other clusters that cannot be read are warnings.
pub(in crate::ops) async fn check(
    state: &StateStore,
    store: &ClusterStore,
    cluster: &Cluster,
    warnings: &mut Vec<String>,
) -> Result<(), OwnershipError> {
    let name = store.name();
    let own = places(state, name, cluster);
    if !state.is_readable_by_clusters() {
        return Ok(());
    }
    let refused = |place: &Place, other: &str| OwnershipError::OfAnother {
        cluster: name.to_owned(),
        field: place.field,
        url: place.url.clone(),
        other: other.to_owned(),
    };
    let others: Vec<String> = state.cluster_names().await.map_err(ReadError::from)?;
    let others: Vec<_> = futures::stream::iter(others.into_iter().filter(|other| other != name))
        .map(|other| async move {
            let read = state.cluster(&other).cluster().await;
            (other, read)
        })
        .buffered(CONCURRENCY)
        .collect()
        .await;
    for (other, read) in others {
        let spec = match read {
            Ok(read) => read.map(|read| read.object).unwrap_or_default(),
            Err(error) => {
                warnings.push(format!("cannot read cluster {other}, so only its own directory is protected: {error}"));
                Cluster::default()
            }
        };
        let theirs = places(state, &other, &spec);
        // A spec of theirs that leads into this cluster's own directory is wrong itself: the directory stays this cluster's.
        let elsewhere = own.iter().filter(|place| place.field != REGISTRY);
        if let Some(place) = elsewhere.into_iter().find(|place| theirs.iter().any(|theirs| overlap(place, theirs))) {
            return Err(refused(place, &other));
        }
    }
    for place in own.iter().filter(|place| !matches!(place.field, REGISTRY | DISCOVERY)) {
        if let Some(other) = owner(state, &place.url, name).await? {
            return Err(refused(place, &other));
        }
    }
    Ok(())
}

/// The cluster whose spec is at an address or above, if it is another one.
async fn owner(state: &StateStore, url: &str, name: &str) -> Result<Option<String>, OwnershipError> {
    let (mut url, mut is_first) = (url.trim_end_matches('/'), true);
    // Up to the bucket, which is what follows `s3://`.
    while url.matches('/').count() >= 2 {
        let Some(store) = state.follow(url)? else { return Ok(None) };
        let stored = match store.read(CONFIG).await {
            Ok(stored) => stored,
            Err(error) if is_first => return Err(ReadError::from(error).into()),
            // Directories above may be out of reach.
            Err(_) => None,
        };
        let found = stored.and_then(|stored| decode::<Cluster>(url, &stored.bytes).ok());
        if let Some(found) = found.filter(|found| !found.metadata.name.is_empty()) {
            return Ok(Some(found.metadata.name).filter(|found| found != name));
        }
        is_first = false;
        url = url.rsplit_once('/').map_or("", |(parent, _)| parent);
    }
    Ok(None)
}
