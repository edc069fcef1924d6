//! Managed files in Cloud Storage.

use super::resources::{BucketObject, BucketObjectAcl};
use crate::facts::Facts;
use crate::{Graph, GraphError, Layer, ManagedFile};
use kopsform_spec::address::StoreUrl;

/// Adds a managed file that is in Cloud Storage, and who may access it where its bucket does not decide that.
pub fn add(graph: &mut Graph, facts: &Facts, file: ManagedFile) -> Result<(), GraphError> {
    let name = file.name.clone();
    let bucket = match StoreUrl::parse(&file.base) {
        Ok(StoreUrl::Gs { bucket, .. }) => bucket,
        _ => String::new(),
    };
    let acl = facts.gce.buckets.get(&bucket).and_then(|fact| fact.object_acl.clone());
    let object = graph.add(Layer::Cluster, name.clone(), BucketObject { file })?;
    let Some(role_entity) = acl else { return Ok(()) };
    graph.add(Layer::Cluster, name, BucketObjectAcl { bucket, object, role_entity }).map(|_| ())
}
