//! Names of resources on Google Cloud, which have at most 63 characters and no dots.

use super::{HashSuffix, truncate};

/// The most characters of a resource's name.
const MAX_NAME: usize = 63;
/// The most characters of the id of a service account.
const MAX_ACCOUNT: usize = 30;
/// The most characters of the prefix of an instance template's name, without the hyphen at its end.
const MAX_TEMPLATE_PREFIX: usize = 32;

/// The label with the cluster's name, by which kops and etcd-manager find resources.
pub const CLUSTER_LABEL: &str = "k8s-io-cluster-name";

/// A role of instances, as it is in network tags and in the names of service accounts.
///
/// Instances of the control plane have the tags of two roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    ControlPlane,
    /// The control plane, in the spelling of clusters from before kops 1.25.
    Master,
    ApiServer,
    Node,
    Bastion,
}

impl Role {
    /// The name in tags and labels.
    pub fn name(self) -> &'static str {
        match self {
            Self::ControlPlane => "control-plane",
            Self::Master => "master",
            Self::ApiServer => "apiserver",
            Self::Node => "node",
            Self::Bastion => "bastion",
        }
    }
}

/// A cluster's name as names and labels contain it: hyphens instead of dots, of any length.
pub fn safe_cluster_name(cluster: &str) -> String {
    cluster.replace('.', "-")
}

fn cut(name: &str, length: usize) -> String {
    truncate(name, length, HashSuffix::WhenCut)
}

fn suffixed_within(part: &str, cluster: &str, length: usize) -> String {
    format!("{part}-{}", cut(&safe_cluster_name(cluster), length.saturating_sub(part.len() + 1)))
}

/// The name of a resource of a cluster, such as `api-demo-example-com`. The cluster's part is truncated where it is too long.
pub fn suffixed(part: &str, cluster: &str) -> String {
    suffixed_within(part, cluster, MAX_NAME)
}

/// The id of a service account, such as `node-demo-example-com`.
pub fn service_account_id(part: &str, cluster: &str) -> String {
    suffixed_within(part, cluster, MAX_ACCOUNT)
}

/// The network tag of the instances of a role, such as `demo-example-com-k8s-io-role-node`.
pub fn role_tag(role: Role, cluster: &str) -> String {
    let suffix = format!("-k8s-io-role-{}", role.name());
    format!("{}{suffix}", cut(&safe_cluster_name(cluster), MAX_NAME - suffix.len()))
}

/// The name of the network of a cluster that has its own.
pub fn network(cluster: &str) -> String {
    cut(&safe_cluster_name(cluster), MAX_NAME)
}

/// The name of a group's instance template: in Terraform an address, never truncated.
pub fn instance_template(group: &str, cluster: &str) -> String {
    safe_cluster_name(&format!("{group}-{cluster}"))
}

/// What the names of a group's instance templates begin with; a number follows.
pub fn instance_template_prefix(group: &str, cluster: &str) -> String {
    format!("{}-", cut(&instance_template(group, cluster), MAX_TEMPLATE_PREFIX))
}

/// The name of a managed instance group: a group of the spec has one in each of its zones.
pub fn managed_group(zone: &str, group: &str, cluster: &str) -> String {
    let letter = zone.rsplit('-').next().unwrap_or(zone);
    cut(&format!("{letter}-{}", instance_template(group, cluster)), MAX_NAME)
}

/// The name of the disk of an etcd member.
pub fn etcd_disk(member: &str, etcd: &str, cluster: &str) -> String {
    let part = format!("{member}-etcd-{etcd}").replace('.', "-");
    // Names begin with a letter.
    let part = if part.starts_with(|c: char| c.is_ascii_digit() || c == '-') { format!("d{part}") } else { part };
    suffixed(&part, cluster)
}

/// The label of the disks of an etcd cluster, such as `k8s-io-etcd-main`.
pub fn etcd_label(etcd: &str) -> String {
    format!("k8s-io-etcd-{etcd}")
}

/// The label of instances and disks of a role, such as `k8s-io-role-master`.
pub fn role_label(role: Role) -> String {
    format!("k8s-io-role-{}", role.name())
}

/// A string as the value of a label: bytes other than lower-case letters and digits become `-` and two hexadecimal digits.
pub fn label_value(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_lowercase() || byte.is_ascii_digit() {
            value.push(char::from(byte));
        } else {
            value.push_str(&format!("-{byte:02x}"));
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LONG: &str = "a-rather-long-cluster-name-for-testing-limits.example.com";

    #[test]
    fn names_are_those_kops_makes() {
        assert_eq!(suffixed("api", "minimal-gce.example.com"), "api-minimal-gce-example-com");
        let account = service_account_id("control-plane", "minimal-gce.example.com");
        assert_eq!(account, "control-plane-minimal-g-fu1mg6");
        assert_eq!(role_tag(Role::Node, "demo.example.com"), "demo-example-com-k8s-io-role-node");
        assert_eq!(managed_group("us-test1-a", "nodes", "demo.example.com"), "a-nodes-demo-example-com");
        assert_eq!(managed_group("us-test1-a", "a.b", "demo.example.com"), "a-a-b-demo-example-com");
        assert_eq!(instance_template_prefix("a.b", "demo.example.com"), "a-b-demo-example-com-");
        assert_eq!(etcd_disk("a", "main", "demo.example.com"), "a-etcd-main-demo-example-com");
        assert_eq!(etcd_disk("1.b", "main", "demo.example.com"), "d1-b-etcd-main-demo-example-com");
        assert_eq!(instance_template_prefix("nodes", "demo.example.com"), "nodes-demo-example-com-");
        assert_eq!(label_value("a/a,b"), "a-2fa-2cb");
    }

    #[test]
    fn only_instance_templates_have_names_of_any_length() {
        assert_eq!(instance_template("nodes", LONG).len(), 6 + LONG.len());
        assert_eq!(instance_template_prefix("nodes", LONG).len(), MAX_TEMPLATE_PREFIX + 1);
    }

    proptest! {
        #[test]
        fn names_fit(part in "[a-z]{1,20}", cluster in "[a-z0-9-]{1,60}(\\.[a-z0-9]{1,60}){0,3}") {
            prop_assert!(suffixed(&part, &cluster).len() <= MAX_NAME);
            prop_assert!(network(&cluster).len() <= MAX_NAME);
            prop_assert!(role_tag(Role::ControlPlane, &cluster).len() <= MAX_NAME);
            prop_assert!(service_account_id(&part, &cluster).len() <= MAX_ACCOUNT);
            prop_assert!(managed_group("us-test1-a", &part, &cluster).len() <= MAX_NAME);
            prop_assert!(!suffixed(&part, &cluster).contains('.'));
        }
    }
}
