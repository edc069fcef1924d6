//! Tags that a cluster put on resources of others.

use std::collections::BTreeMap;

use aws_sdk_ec2::types as ec2;

use super::{ClusterResources, described};
use crate::error::failed;
use kopsform_direct::desired::ASSOCIATED_GATEWAY;
use kopsform_model::aws::tags::SUBNET_OF_GROUP_PREFIX;
use kopsform_rolling::ports::ApiError;
use kopsform_spec::labels::CLUSTER_TAG_PREFIX;

/// The value of a cluster's tag on what it shares.
const SHARED: &str = "shared";
/// How many resources a filter may name.
const DESCRIBED_PER_CALL: usize = 200;
/// How many resources one call untags.
const UNTAGGED_PER_CALL: usize = 500;

impl ClusterResources {
    /// Removes the cluster's tags from what it shared; returns the ids.
    pub(super) async fn untag(&self) -> Result<Vec<String>, ApiError> {
        let own = self.rules.tag();
        let mut tags: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for tag in self.described_tags(&[("key", &[own.to_owned()]), ("value", &[SHARED.to_owned()])]).await? {
            if let Some(id) = tag.resource_id() {
                tags.insert(id.to_owned(), Vec::new());
            }
        }
        let ids: Vec<String> = tags.keys().cloned().collect();
        for part in ids.chunks(DESCRIBED_PER_CALL) {
            for tag in self.described_tags(&[("resource-id", part)]).await? {
                if let (Some(id), Some(key)) = (tag.resource_id(), tag.key())
                    && let Some(keys) = tags.get_mut(id)
                {
                    keys.push(key.to_owned());
                }
            }
        }
        let mut by_keys: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
        for (id, keys) in tags {
            by_keys.entry(surplus(own, &keys)).or_default().push(id);
        }
        for (keys, ids) in by_keys {
            // A tag that another process has changed meanwhile remains.
            let tag = |key: String| {
                let value = (key == own).then(|| SHARED.to_owned());
                ec2::Tag::builder().key(key).set_value(value).build()
            };
            let tags: Vec<ec2::Tag> = keys.into_iter().map(tag).collect();
            for part in ids.chunks(UNTAGGED_PER_CALL) {
                let call = self.clients.ec2().delete_tags().set_resources(Some(part.to_vec()));
                call.set_tags(Some(tags.clone())).send().await.map_err(failed("DeleteTags"))?;
            }
        }
        Ok(ids)
    }

    async fn described_tags(&self, filters: &[(&str, &[String])]) -> Result<Vec<ec2::TagDescription>, ApiError> {
        let filter = |(name, values): &(&str, &[String])| {
            ec2::Filter::builder().name(*name).set_values(Some(values.to_vec())).build()
        };
        let (client, filters) = (self.clients.ec2(), filters.iter().map(filter).collect());
        described!(client, describe_tags, "DescribeTags", filters)
    }
}

/// The tags to remove from a shared resource when a cluster is deleted: the cluster's own tag and, if no other cluster shares the
/// resource, the tags that only kops reads. `kubernetes.io/role/…` and `SubnetType` remain, because others may use them.
fn surplus(own: &str, keys: &[String]) -> Vec<String> {
    let is_shared_on = keys.iter().any(|key| key != own && key.starts_with(CLUSTER_TAG_PREFIX));
    let is_of_kops = |key: &String| key == ASSOCIATED_GATEWAY || key.starts_with(SUBNET_OF_GROUP_PREFIX);
    let of_kops = keys.iter().filter(|key| !is_shared_on && is_of_kops(key)).cloned();
    let mut surplus: Vec<String> = std::iter::once(own.to_owned()).chain(of_kops).collect();
    surplus.sort_unstable();
    surplus
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_that_others_may_use_are_left() {
        let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
        let own = "kubernetes.io/cluster/a.example.com";
        let of_kops = [own, "AssociatedNatgateway", "kops.k8s.io/instance-group/karpenter"];
        let of_all = ["Name", "SubnetType", "kubernetes.io/role/elb"];
        let alone = keys(&[&of_all[..], &of_kops].concat());
        assert_eq!(surplus(own, &alone), keys(&["AssociatedNatgateway", of_kops[2], own]));
        let with_others = [&alone[..], &keys(&["kubernetes.io/cluster/b.example.com"])].concat();
        assert_eq!(surplus(own, &with_others), [own]);
    }
}
