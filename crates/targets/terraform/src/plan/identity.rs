//! What a resource is: its tags, its cluster, its role.

use std::collections::BTreeMap;

use serde_json::Value;

use kopsform_model::aws::tags::{ETCD_PREFIX, KUBERNETES_CLUSTER, NAME, ROLE_PREFIX};
use kopsform_model::gce::{CLUSTER_LABEL, ETCD_LABEL_PREFIX};
use kopsform_spec::labels::CLUSTER_TAG_PREFIX;
use kopsform_spec::names::load_balancer_name;

/// The prefixes of the names of target groups behind the API's load balancer: the API with and without a certificate, and what
/// nodes reach through it.
const API_TARGETS: [&str; 4] = ["tcp", "tls", "kops-controller", "etcd-cilium"];

/// The tags of a resource, by key.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tags<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Tags<'a> {
    /// The tags among the attributes of a resource: as a map, with those of the provider's `default_tags`, or as the blocks of an
    /// auto scaling group.
    pub fn of(attributes: &'a Value) -> Self {
        let mut tags = BTreeMap::new();
        for map in ["tags_all", "tags"].into_iter().filter_map(|name| attributes.get(name)) {
            for (key, value) in map.as_object().into_iter().flatten() {
                tags.insert(key.as_str(), value.as_str().unwrap_or_default());
            }
        }
        // `tags` of an auto scaling group was a list of maps before version 5 of the provider.
        for list in ["tags", "tag"].into_iter().filter_map(|name| attributes.get(name)) {
            for block in list.as_array().into_iter().flatten() {
                if let Some(key) = text(block, "key") {
                    tags.insert(key, text(block, "value").unwrap_or_default());
                }
            }
        }
        Self(tags)
    }

    fn get(&self, key: &str) -> Option<&'a str> {
        self.0.get(key).copied()
    }

    fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// The cluster that the resource belongs to.
    pub fn cluster(&self) -> Option<&'a str> {
        let by_prefix = || self.0.keys().find_map(|key| key.strip_prefix(CLUSTER_TAG_PREFIX));
        self.get(KUBERNETES_CLUSTER).or_else(by_prefix).filter(|name| !name.is_empty())
    }

    /// What the AWS console shows.
    pub fn name(&self) -> Option<&'a str> {
        self.get(NAME).filter(|name| !name.is_empty())
    }

    /// Whether this is the volume of an etcd member, which etcd-manager finds by this tag.
    pub fn is_etcd_volume(&self) -> bool {
        self.0.keys().any(|key| key.starts_with(ETCD_PREFIX))
    }

    /// Whether instances with these tags are of the control plane; `None` without a tag of a role.
    fn is_control_plane(&self) -> Option<bool> {
        let role = |name: &str| self.has(&format!("{ROLE_PREFIX}{name}"));
        if role("control-plane") || role("master") {
            return Some(true);
        }
        self.0.keys().any(|key| key.starts_with(ROLE_PREFIX)).then_some(false)
    }
}

/// The labels of a resource of Google Cloud.
fn labels(attributes: &Value) -> impl Iterator<Item = (&str, &str)> {
    let labels = attributes.get("labels").and_then(Value::as_object).into_iter().flatten();
    labels.map(|(key, value)| (key.as_str(), value.as_str().unwrap_or_default()))
}

/// The cluster that a resource of Google Cloud belongs to, with hyphens instead of dots.
pub fn labelled_cluster(attributes: &Value) -> Option<&str> {
    labels(attributes).find(|(key, value)| *key == CLUSTER_LABEL && !value.is_empty()).map(|(_, cluster)| cluster)
}

/// Whether a disk of Google Cloud is one of an etcd member.
pub fn is_etcd_disk(disk: &Value) -> bool {
    labelled_cluster(disk).is_some() && labels(disk).any(|(key, _)| key.starts_with(ETCD_LABEL_PREFIX))
}

/// Whether a forwarding rule of Google Cloud is one of a cluster's API: `api`, or `api-` and a subnet.
pub fn is_api_forwarding_rule(rule: &Value) -> bool {
    let is_api = |name: &str| name == "api" || name.starts_with("api-");
    labelled_cluster(rule).is_some() && labels(rule).any(|(key, name)| key == "name" && is_api(name))
}

/// A string among the attributes of a resource or block.
pub fn text<'a>(attributes: &'a Value, name: &str) -> Option<&'a str> {
    attributes.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// Whether an auto scaling group starts the control plane: by its tags, else by kops' form of its name.
pub fn is_control_plane(group: &Value) -> bool {
    let tags = Tags::of(group);
    tags.is_control_plane().unwrap_or_else(|| {
        let name = text(group, "name").unwrap_or_default();
        tags.cluster().is_some_and(|cluster| name.ends_with(&format!(".masters.{cluster}")))
    })
}

/// Whether a load balancer of a cluster is that of its API: by its tag, or by the name that kops gives it.
pub fn is_api_load_balancer(balancer: &Value) -> bool {
    let tags = Tags::of(balancer);
    tags.cluster().is_some_and(|cluster| {
        tags.name().is_some_and(|name| name == format!("api.{cluster}"))
            || text(balancer, "name").is_some_and(|name| is_api_load_balancer_name(name, cluster))
    })
}

/// Whether a name is that of the load balancer of a cluster's API.
pub fn is_api_load_balancer_name(name: &str, cluster: &str) -> bool {
    name == load_balancer_name(cluster, "api")
}

/// Whether a name is that of a target group behind the load balancer of a cluster's API.
pub fn is_api_target_group_name(name: &str, cluster: &str) -> bool {
    API_TARGETS.iter().any(|prefix| name == load_balancer_name(cluster, prefix))
}

/// Whether a target group of a cluster is behind its API's load balancer.
pub fn is_api_target_group(group: &Value) -> bool {
    let tags = Tags::of(group);
    let mut names = [text(group, "name"), tags.name()].into_iter().flatten();
    tags.cluster().is_some_and(|cluster| names.any(|name| is_api_target_group_name(name, cluster)))
}

/// The name in the ARN of a target group, `…:targetgroup/NAME/ID`.
pub fn target_group_of_arn(arn: &str) -> Option<&str> {
    let (_, resource) = arn.split_once(":targetgroup/")?;
    resource.split('/').next()
}

/// The name in the ARN of a load balancer, `…:loadbalancer/net/NAME/ID`.
pub fn load_balancer_of_arn(arn: &str) -> Option<&str> {
    let (_, resource) = arn.split_once(":loadbalancer/")?;
    let mut parts = resource.split('/');
    match (parts.next()?, parts.next()) {
        ("net" | "app" | "gwy", name) => name,
        (classic, None) => Some(classic),
        _ => None,
    }
}
