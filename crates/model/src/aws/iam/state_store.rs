//! Which parts of the state store a role reads and writes.

use std::collections::BTreeSet;

use super::document::{Statement, Values};
use super::permissions::Permissions;

use super::{IamError, uses_kops_controller};
use kopsform_spec::address::S3Location;
use kopsform_spec::v1alpha2::{Cluster, InstanceGroupRole};

/// Allows a role to read the configuration it boots from and, on the control plane, to keep etcd's backups.
pub(super) fn allow(
    permissions: &mut Permissions<'_>,
    cluster: &Cluster,
    role: InstanceGroupRole,
) -> Result<(), IamError> {
    let mut buckets = BTreeSet::new();
    let readable = readable_paths(cluster, role);
    for location in configuration_roots(cluster)? {
        let prefix = location.path();
        if !readable.is_empty() {
            let resources = readable.iter().map(|path| permissions.arn("s3", &format!("{prefix}{path}")));
            let resource = Values::of(resources);
            permissions.push(Statement { action: Values::array(["s3:Get*"]), resource, ..Statement::default() });
        }
        buckets.insert(location.bucket);
    }
    if role == InstanceGroupRole::ControlPlane {
        for location in backup_stores(cluster)? {
            permissions.push(Statement {
                action: Values::array(["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetObject", "s3:PutObject"]),
                resource: Values::one(permissions.arn("s3", &format!("{}/*", location.path()))),
                ..Statement::default()
            });
            buckets.insert(location.bucket);
        }
    }
    for bucket in buckets {
        permissions.push(Statement {
            action: Values::of([
                "s3:GetBucketLocation",
                "s3:GetEncryptionConfiguration",
                "s3:ListBucket",
                "s3:ListBucketVersions",
            ]),
            resource: Values::array([permissions.arn("s3", &bucket)]),
            ..Statement::default()
        });
    }
    Ok(())
}

/// The directories with configuration, keysets and secrets, without those inside another one.
fn configuration_roots(cluster: &Cluster) -> Result<Vec<S3Location>, IamError> {
    let spec = &cluster.spec;
    let mut locations = [&spec.key_store, &spec.secret_store, &spec.config_base]
        .into_iter()
        .filter(|address| !address.is_empty())
        .map(|address| S3Location::parse(address).map_err(IamError::from))
        .collect::<Result<Vec<_>, _>>()?;
    locations.sort();
    locations.dedup();
    let inside_another = |location: &S3Location| locations.iter().any(|o| o != location && o.contains(location));
    Ok(locations.iter().filter(|location| !inside_another(location)).cloned().collect())
}

/// Where etcd's backups go, each once, in the order of the etcd clusters.
fn backup_stores(cluster: &Cluster) -> Result<Vec<S3Location>, IamError> {
    let mut stores: Vec<S3Location> = Vec::new();
    for etcd in &cluster.spec.etcd_clusters {
        let Some(backups) = etcd.backups.as_ref().filter(|backups| !backups.backup_store.is_empty()) else { continue };
        let store = S3Location::parse(&backups.backup_store)?;
        if !stores.contains(&store) {
            stores.push(store);
        }
    }
    Ok(stores)
}

/// What a role reads below each root; nodes get all they need from kops-controller where they can reach it.
fn readable_paths(cluster: &Cluster, role: InstanceGroupRole) -> &'static [&'static str] {
    match role {
        InstanceGroupRole::ControlPlane | InstanceGroupRole::ApiServer => &["/*"],
        InstanceGroupRole::Node if !uses_kops_controller(cluster) => &["/cluster-completed.spec", "/igconfig/node/*"],
        InstanceGroupRole::Node | InstanceGroupRole::Bastion => &[],
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use kopsform_spec::v1alpha2::{EtcdBackup, EtcdCluster};

    fn cluster(config_base: &str, key_store: &str, backups: &[&str]) -> Cluster {
        let mut cluster = Cluster::default();
        cluster.metadata.name = "a.example.com".to_owned();
        cluster.spec.config_base = config_base.to_owned();
        cluster.spec.key_store = key_store.to_owned();
        for backup in backups {
            let backups = Some(EtcdBackup { backup_store: (*backup).to_owned(), ..EtcdBackup::default() });
            cluster.spec.etcd_clusters.push(EtcdCluster { backups, ..EtcdCluster::default() });
        }
        cluster
    }

    fn resources(cluster: &Cluster, role: InstanceGroupRole) -> Vec<serde_json::Value> {
        let mut permissions = Permissions::new("a.example.com", "aws", "us-east-1");
        allow(&mut permissions, cluster, role).unwrap();
        let document = permissions.into_document().unwrap();
        document.statement.iter().map(|s| serde_json::to_value(&s.resource).unwrap()).collect()
    }

    #[test]
    fn directories_inside_the_configuration_are_not_named_again() {
        let cluster =
            cluster("s3://state/a.example.com", "s3://state/a.example.com/pki", &["s3://backup/a", "s3://backup/a"]);
        assert_eq!(
            resources(&cluster, InstanceGroupRole::ControlPlane),
            [
                serde_json::json!("arn:aws:s3:::state/a.example.com/*"),
                serde_json::json!("arn:aws:s3:::backup/a/*"),
                serde_json::json!(["arn:aws:s3:::backup"]),
                serde_json::json!(["arn:aws:s3:::state"]),
            ]
        );
    }

    #[test]
    fn an_api_server_writes_no_backups() {
        let cluster = cluster("s3://state/a", "s3://keys/a", &["s3://backup/a"]);
        assert_eq!(
            resources(&cluster, InstanceGroupRole::ApiServer),
            [
                serde_json::json!("arn:aws:s3:::keys/a/*"),
                serde_json::json!("arn:aws:s3:::state/a/*"),
                serde_json::json!(["arn:aws:s3:::keys"]),
                serde_json::json!(["arn:aws:s3:::state"]),
            ]
        );
    }
}
