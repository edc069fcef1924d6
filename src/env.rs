//! Every environment variable the program reads, and the one place that reads them.

use std::collections::BTreeMap;

/// `--state` when the flag is absent.
pub const KOPS_STATE_STORE: &str = "KOPS_STATE_STORE";
/// `--name` when the flag is absent.
pub const KOPS_CLUSTER_NAME: &str = "KOPS_CLUSTER_NAME";
/// Feature flags, `+Name,-Name`.
pub const KOPS_FEATURE_FLAGS: &str = "KOPS_FEATURE_FLAGS";
/// The canned access list of every object that is written to an S3 state store.
pub const KOPS_STATE_S3_ACL: &str = "KOPS_STATE_S3_ACL";
/// Where nodeup and its companions are downloaded from.
pub const KOPS_BASE_URL: &str = "KOPS_BASE_URL";
/// The lock file with recorded facts, when `--lock` is absent.
pub const KOPSFORM_LOCK: &str = "KOPSFORM_LOCK";
/// A role that AWS calls are made as, other than those of the state store.
pub const KOPS_AWS_ROLE_ARN: &str = "KOPS_AWS_ROLE_ARN";
/// The endpoint of a server compatible with S3; the other `S3_` variables belong to it.
pub const S3_ENDPOINT: &str = "S3_ENDPOINT";
/// The region of such a server, `us-east-1` unless set.
pub const S3_REGION: &str = "S3_REGION";
/// The access key for such a server.
pub const S3_ACCESS_KEY_ID: &str = "S3_ACCESS_KEY_ID";
/// The secret of that access key.
pub const S3_SECRET_ACCESS_KEY: &str = "S3_SECRET_ACCESS_KEY";
/// The size of new RSA keys in bits, 2048 unless set.
pub const KOPS_RSA_PRIVATE_KEY_SIZE: &str = "KOPS_RSA_PRIVATE_KEY_SIZE";
/// The files kubectl is configured by, separated by colons.
pub const KUBECONFIG: &str = "KUBECONFIG";
/// The editor of `edit`, before `EDITOR`.
pub const KUBE_EDITOR: &str = "KUBE_EDITOR";
/// The editor of `edit`.
pub const EDITOR: &str = "EDITOR";
/// The person's home folder.
pub const HOME: &str = "HOME";
/// The person's account on this machine.
pub const USER: &str = "USER";
/// A lock taken by `state lock`, under which a command may write.
pub const KOPSFORM_LOCK_ID: &str = "KOPSFORM_LOCK_ID";
/// The name of this machine, where the shell exports it.
pub const HOSTNAME: &str = "HOSTNAME";

/// Lets programs on nodes run Kubernetes releases that are newer than they know.
pub const KOPS_RUN_TOO_NEW_VERSION: &str = "KOPS_RUN_TOO_NEW_VERSION";
/// The image of dns-controller, for those who build their own.
pub const DNSCONTROLLER_IMAGE: &str = "DNSCONTROLLER_IMAGE";
/// The image of kops-controller, for those who build their own.
pub const KOPSCONTROLLER_IMAGE: &str = "KOPSCONTROLLER_IMAGE";
/// The image of kube-apiserver-healthcheck, for those who build their own.
pub const KUBE_APISERVER_HEALTHCHECK_IMAGE: &str = "KUBE_APISERVER_HEALTHCHECK_IMAGE";

/// The region, where the spec does not tell it.
pub const AWS_REGION: &str = "AWS_REGION";
/// Runs versions that the channel asks to leave behind.
pub const KOPS_RUN_OBSOLETE_VERSION: &str = "KOPS_RUN_OBSOLETE_VERSION";
/// Where nodes get CNI plugins from, together with [`CNI_ASSET_HASH_STRING`].
pub const CNI_VERSION_URL: &str = "CNI_VERSION_URL";
/// The SHA-256 of the file at [`CNI_VERSION_URL`].
pub const CNI_ASSET_HASH_STRING: &str = "CNI_ASSET_HASH_STRING";
/// How many gossip connections a node keeps; passed on to nodes.
pub const GOSSIP_DNS_CONN_LIMIT: &str = "GOSSIP_DNS_CONN_LIMIT";

/// The environment as it was at the start. Pure code takes it as an argument instead of reading it.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Takes a copy of the process environment; variables that are no Unicode are left out.
    pub fn from_process() -> Self {
        Self(std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))).collect())
    }

    /// An environment of given variables, for tests.
    pub fn of<const N: usize>(variables: [(&str, &str); N]) -> Self {
        Self(variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    /// A variable that is set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|v| !v.is_empty())
    }

    /// A variable that is set, even if empty.
    pub fn is_set(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}
