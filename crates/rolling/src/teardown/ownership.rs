//! Which cluster owns a resource, by its tags and names.

use kopsform_spec::names;

/// The tag with the name of a resource's cluster.
pub const CLUSTER_TAG: &str = kopsform_spec::labels::KUBERNETES_CLUSTER;

/// The labels of a cluster's own DNS records, besides those of etcd members.
const RECORDS: [&str; 4] = ["api", "api.internal", "bastion", "kops-controller.internal"];
/// The prefix of the TXT records in which external-dns keeps the owner of AAAA records.
const OWNER_OF_AAAA: &str = "aaaa-";

/// The rules by which one cluster owns resources.
#[derive(Debug, Clone)]
pub struct Ownership {
    cluster: String,
    /// The tag whose value is `owned` or `shared`.
    tag: String,
}

impl Ownership {
    /// The rules for a cluster.
    pub fn of(cluster: impl Into<String>) -> Self {
        let cluster = cluster.into();
        let tag = kopsform_spec::labels::cluster_tag(&cluster);
        Self { cluster, tag }
    }

    /// The cluster's name.
    pub fn cluster(&self) -> &str {
        &self.cluster
    }

    /// The tag whose value is `owned` or `shared`.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// Whether the tags name the cluster, whether or not the resource is shared.
    pub fn is_named<'a>(&self, tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> bool {
        tags.into_iter().any(|(key, value)| key == CLUSTER_TAG && value == self.cluster)
    }

    /// Whether the cluster owns a resource: tagged as `owned`, or created before that tag existed and named by the cluster tag.
    pub fn is_owned<'a>(&self, tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> bool {
        let (mut named, mut said) = (false, None);
        for (key, value) in tags {
            named |= key == CLUSTER_TAG && value == self.cluster;
            if key == self.tag {
                said = Some(value == "owned");
            }
        }
        said.unwrap_or(named)
    }

    /// Whether a resource is tagged as owned by the cluster.
    pub fn is_tagged_owned<'a>(&self, tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> bool {
        tags.into_iter().any(|(key, value)| key == self.tag && value == "owned")
    }

    /// Whether a resource is tagged as shared with others.
    pub fn is_shared<'a>(&self, tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> bool {
        tags.into_iter().any(|(key, value)| key == self.tag && value == "shared")
    }
}

/// Whether an EC2 key pair was made for a cluster: its name, possibly with the fingerprint of a key after it.
///
/// A cluster's name without a dot could be a prefix of many names, so none is attributed to it.
pub fn is_own_key_pair(name: &str, cluster: &str) -> bool {
    let Some(rest) = name.strip_prefix("kubernetes.").and_then(|rest| rest.strip_prefix(cluster)) else { return false };
    let is_fingerprint = |text: &str| text.contains(':') && text.chars().all(|c| c.is_ascii_hexdigit() || c == ':');
    cluster.contains('.') && (rest.is_empty() || rest.strip_prefix('-').is_some_and(is_fingerprint))
}

/// Whether a queue has the name of a cluster's: that of the node termination handler.
pub fn is_own_queue(name: &str, cluster: &str) -> bool {
    name.strip_suffix("-nth") == Some(names::queue_prefix(cluster).as_str())
}

/// Whether a rule of EventBridge has a name as a cluster's rules have: the cluster's, then the event.
pub fn is_own_event_rule(name: &str, cluster: &str) -> bool {
    let event = name.strip_prefix(&names::event_rule_prefix(cluster)).and_then(|rest| rest.strip_prefix('-'));
    event.is_some_and(|event| !event.is_empty() && event.chars().all(|c| c.is_ascii_alphabetic()))
}

/// Whether a DNS record belongs to the cluster itself, and not to a service that runs on it.
pub fn is_cluster_record(name: &str, kind: &str, cluster: &str) -> bool {
    if !matches!(kind, "A" | "AAAA" | "TXT") {
        return false;
    }
    let name = name.trim_end_matches('.');
    let Some(label) = name.strip_suffix(cluster).and_then(|rest| rest.strip_suffix('.')) else { return false };
    let label = if kind == "TXT" { label.strip_prefix(OWNER_OF_AAAA).unwrap_or(label) } else { label };
    RECORDS.contains(&label) || label.starts_with("etcd-")
}

/// Whether a hosted zone may hold a cluster's records: its domain is the cluster's or a parent.
pub fn zone_may_hold(zone: &str, cluster: &str) -> bool {
    let zone = zone.trim_end_matches('.');
    cluster == zone || cluster.strip_suffix(zone).is_some_and(|rest| rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLUSTER: &str = "demo.example.com";
    const OWN: &str = "kubernetes.io/cluster/demo.example.com";

    #[test]
    fn tags_decide_ownership() {
        let rules = Ownership::of(CLUSTER);
        assert!(rules.is_owned([(OWN, "owned")]));
        assert!(rules.is_owned([(CLUSTER_TAG, CLUSTER)]), "created before the other tag existed");
        for tags in [
            vec![(OWN, "shared"), (CLUSTER_TAG, CLUSTER)],
            vec![(OWN, "borrowed")],
            vec![(CLUSTER_TAG, "other.example.com")],
            vec![],
        ] {
            assert!(!rules.is_owned(tags.clone()), "{tags:?}");
        }
        assert!(rules.is_shared([(OWN, "shared")]));
        assert!(!rules.is_shared([(CLUSTER_TAG, CLUSTER)]));
    }

    #[test]
    fn key_pairs_are_matched_by_their_whole_name() {
        assert!(is_own_key_pair("kubernetes.demo.example.com", CLUSTER));
        assert!(is_own_key_pair("kubernetes.demo.example.com-c4:a6:ed", CLUSTER));
        assert!(!is_own_key_pair("kubernetes.demo.example.com-two", CLUSTER));
        assert!(!is_own_key_pair("kubernetes.demo.example.com.au", CLUSTER));
        assert!(!is_own_key_pair("kubernetes.demo", "demo"));
    }

    #[test]
    fn queues_and_rules_are_matched_by_their_whole_name() {
        assert!(is_own_queue("demo-example-com-nth", CLUSTER));
        assert!(!is_own_queue("demo-example-com-two-nth", CLUSTER) && !is_own_queue("demo-example-com", CLUSTER));
        assert!(is_own_event_rule("demo.example.com-ASGLifecycle", CLUSTER));
        for other in
            ["demo.example.com", "demo.example.com-", "demo.example.com-two.org-ASGLifecycle", "demo.example.com2-X"]
        {
            assert!(!is_own_event_rule(other, CLUSTER), "{other}");
        }
        let long = "a-cluster-with-a-very-long-name.of.example.com";
        let rule = format!("{}-SpotInterruption", names::event_rule_prefix(long));
        assert!(rule.len() < long.len() + 17 && is_own_event_rule(&rule, long), "{rule}");
    }

    #[test]
    fn records_of_services_stay() {
        for (name, kind) in [
            ("api.demo.example.com.", "A"),
            ("api.internal.demo.example.com.", "AAAA"),
            ("etcd-a.internal.demo.example.com.", "A"),
            ("aaaa-api.demo.example.com.", "TXT"),
        ] {
            assert!(is_cluster_record(name, kind, CLUSTER), "{name}");
        }
        for (name, kind) in [
            ("shop.demo.example.com.", "A"),
            ("api.demo.example.com.", "CNAME"),
            ("api.other.example.com.", "A"),
            ("demo.example.com.", "A"),
            ("aaaa-api.demo.example.com.", "A"),
            ("api.xdemo.example.com.", "A"),
        ] {
            assert!(!is_cluster_record(name, kind, CLUSTER), "{name}");
        }
        assert!(zone_may_hold("example.com.", CLUSTER) && zone_may_hold(CLUSTER, CLUSTER));
        assert!(!zone_may_hold("ample.com.", CLUSTER));
    }
}
