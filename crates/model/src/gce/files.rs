//! Managed files in Cloud Storage.

use super::resources::{BucketObject, BucketObjectAcl, BucketRole};
use crate::facts::Facts;
use crate::{Context, Graph, GraphError, Layer, ManagedFile};
use kopsform_spec::address::StoreUrl;

/// Where Cloud Storage serves objects of public buckets.
const STORAGE: &str = "https://storage.googleapis.com";

/// Refuses a discovery store in a bucket that not everyone can read: verifiers would not find the keys of tokens.
///
/// # Errors
/// Names the bucket.
pub fn check_discovery_store(context: &Context<'_>, _graph: &mut Graph) -> Result<(), GraphError> {
    let discovery = context.cluster.spec.service_account_issuer_discovery.as_ref();
    let Some(Ok(StoreUrl::Gs { bucket, prefix })) = discovery.map(|d| StoreUrl::parse(&d.discovery_store)) else {
        return Ok(());
    };
    let served_from = format!("{STORAGE}/{bucket}/{prefix}");
    let is_served_from_here = context.cluster.service_account_issuer() == Some(served_from.trim_end_matches('/'));
    let fact = context.facts.gce.bucket(context.project(), &bucket);
    if !is_served_from_here || fact.and_then(|fact| fact.public) != Some(false) {
        return Ok(());
    }
    Err(GraphError::Unsupported {
        path: "spec.serviceAccountIssuerDiscovery.discoveryStore".to_owned(),
        message: format!(
            "the bucket {bucket} must be public: grant allUsers the role {} on it",
            BucketRole::ObjectViewer.as_str()
        ),
    })
}

/// Adds a managed file that is in Cloud Storage, and who may access it where its bucket does not decide that.
///
/// # Errors
/// When there is another file of this name.
pub fn add(graph: &mut Graph, facts: &Facts, file: ManagedFile) -> Result<(), GraphError> {
    let name = file.name.clone();
    let bucket = match StoreUrl::parse(&file.base) {
        Ok(StoreUrl::Gs { bucket, .. }) => bucket,
        _ => String::new(),
    };
    let fact = facts.gce.bucket(graph.project().unwrap_or_default(), &bucket);
    let acl = fact.and_then(|fact| fact.object_acl.clone());
    let object = graph.add(Layer::Cluster, name.clone(), BucketObject { file })?;
    let Some(role_entity) = acl else { return Ok(()) };
    graph.add(Layer::Cluster, name, BucketObjectAcl { bucket, object, role_entity }).map(|_| ())
}
