//! Metadata that is maintained when an object is stored: its creation timestamp and generation.

use jiff::Timestamp;
use serde::Serialize;

use kopsform_spec::meta::ObjectMeta;
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup};
use kopsform_state::{CLUSTER_LABEL, stored_cluster, stored_instance_group};

/// A cluster as it is stored for the first time, or instead of its older version.
///
/// `default_base` is the configuration base of a cluster without one; setting it explicitly does not change the generation.
pub fn cluster_to_store(new: &Cluster, old: Option<&Cluster>, default_base: &str, now: Timestamp) -> Cluster {
    let mut stored = stored_cluster(new);
    let based = |cluster: &Cluster| {
        let mut spec = cluster.spec.clone();
        if spec.config_base.is_empty() {
            spec.config_base = default_base.to_owned();
        }
        spec
    };
    let same_spec = old.is_some_and(|old| stored_alike(&based(old), &based(new)));
    maintain(&mut stored.metadata, old.map(|old| &old.metadata), same_spec, now);
    stored
}

/// A cluster as a replace stores it. kops compares the file with the stored cluster and its base, so a file without a base always counts
/// as a change of the spec.
pub fn cluster_to_replace(new: &Cluster, old: &Cluster, default_base: &str, now: Timestamp) -> Cluster {
    let mut stored = stored_cluster(new);
    let mut based = old.spec.clone();
    if based.config_base.is_empty() {
        based.config_base = default_base.to_owned();
    }
    maintain(&mut stored.metadata, Some(&old.metadata), stored_alike(&based, &new.spec), now);
    stored
}

/// An instance group as it is stored for the first time, or instead of its older version.
pub fn instance_group_to_store(new: &InstanceGroup, old: Option<&InstanceGroup>, now: Timestamp) -> InstanceGroup {
    let mut stored = stored_instance_group(new);
    let same_spec = old.is_some_and(|old| stored_alike(&old.spec, &new.spec));
    maintain(&mut stored.metadata, old.map(|old| &old.metadata), same_spec, now);
    stored
}

/// Whether two objects have the same stored form: fields that are read and never written are ignored.
pub fn stored_alike<T: Serialize>(one: &T, other: &T) -> bool {
    match (serde_json::to_value(one), serde_json::to_value(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

fn maintain(new: &mut ObjectMeta, old: Option<&ObjectMeta>, same_spec: bool, now: Timestamp) {
    let first_stored = || now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let Some(old) = old else {
        new.creation_timestamp.get_or_insert_with(first_stored);
        return;
    };
    // Files usually have neither, which keeps both.
    if new.creation_timestamp.is_none() {
        new.creation_timestamp = Some(old.creation_timestamp.clone().unwrap_or_else(first_stored));
    }
    if !same_spec {
        new.generation = old.generation + 1;
    } else if new.generation == 0 {
        new.generation = old.generation;
    }
}

/// The cluster an instance group belongs to, by its label; `None` when the label is missing or empty.
pub fn cluster_of(metadata: &ObjectMeta) -> Option<&str> {
    metadata.labels.get(CLUSTER_LABEL).map(String::as_str).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use kopsform_spec::v1alpha2::Topology;

    fn group(max_size: i32) -> InstanceGroup {
        let mut group = InstanceGroup::default();
        group.spec.max_size = Some(max_size);
        group
    }

    #[test]
    fn the_generation_counts_changes_of_the_spec() {
        let now = "2026-01-02T03:04:05.678Z".parse().unwrap();
        let later = "2026-02-02T03:04:05Z".parse().unwrap();
        let first = instance_group_to_store(&group(1), None, now);
        assert_eq!(first.metadata.creation_timestamp.as_deref(), Some("2026-01-02T03:04:05Z"));
        assert_eq!(first.metadata.generation, 0);
        let second = instance_group_to_store(&group(2), Some(&first), later);
        assert_eq!(second.metadata.generation, 1);
        assert_eq!(second.metadata.creation_timestamp, first.metadata.creation_timestamp);
        assert_eq!(instance_group_to_store(&group(2), Some(&second), later), second);
    }

    #[test]
    fn a_field_that_is_never_written_is_not_a_change() {
        let now = "2026-01-02T03:04:05Z".parse().unwrap();
        let topology = |masters: &str| {
            let mut cluster = Cluster::default();
            cluster.spec.topology = Some(Topology { masters: masters.to_owned(), ..Topology::default() });
            cluster
        };
        let old = cluster_to_store(&topology(""), None, "s3://b/c", now);
        assert_eq!(cluster_to_store(&topology("private"), Some(&old), "s3://b/c", now).metadata.generation, 0);
        assert!(stored_alike(&topology("private"), &topology("public")));
    }

    #[test]
    fn setting_the_default_base_is_not_a_change() {
        let now = "2026-01-02T03:04:05Z".parse().unwrap();
        let old = cluster_to_store(&Cluster::default(), None, "s3://b/c", now);
        let mut named = Cluster::default();
        named.spec.config_base = "s3://b/c".to_owned();
        assert_eq!(cluster_to_store(&named, Some(&old), "s3://b/c", now).metadata.generation, 0);
        assert_eq!(cluster_to_store(&named, Some(&old), "s3://other/c", now).metadata.generation, 1);
        assert_eq!(cluster_to_replace(&named, &old, "s3://b/c", now).metadata.generation, 0);
        assert_eq!(cluster_to_replace(&Cluster::default(), &old, "s3://b/c", now).metadata.generation, 1);
    }
}
