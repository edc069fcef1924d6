//! Every environment variable the program reads, and the one place that reads them.

pub mod features;

use std::collections::BTreeMap;

/// A variable the program reads.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
}

/// Declares each variable as a constant that holds its name, and lists all with what they do.
macro_rules! variables {
    ($($(#[doc = $about:literal])+ $name:ident;)*) => {
        $($(#[doc = $about])+ pub const $name: &str = stringify!($name);)*

        /// Every variable, for the documentation.
        pub const ALL: &[Variable] = &[$(Variable { name: stringify!($name), about: concat!($($about),+) }),*];
    };
}

variables! {
    /// `--state` when the flag is absent.
    KOPS_STATE_STORE;
    /// `--name` when the flag is absent.
    KOPS_CLUSTER_NAME;
    /// Feature flags, `+Name,-Name`.
    KOPS_FEATURE_FLAGS;
    /// The canned access list of every object that is written to an S3 state store.
    KOPS_STATE_S3_ACL;
    /// Where nodeup and its companions are downloaded from.
    KOPS_BASE_URL;
    /// The lock file with recorded facts, when `--lock` is absent.
    KOPSFORM_LOCK;
    /// A filter for log messages on stderr, such as `kopsform::aws=debug,hyper=info`; overrides `-v`.
    KOPSFORM_LOG;
    /// A role that AWS calls are made as, other than those of the state store.
    KOPS_AWS_ROLE_ARN;
    /// The endpoint of a server compatible with S3; the other `S3_` variables belong to it.
    S3_ENDPOINT;
    /// The region of such a server, `us-east-1` unless set.
    S3_REGION;
    /// The access key for such a server.
    S3_ACCESS_KEY_ID;
    /// The secret of that access key.
    S3_SECRET_ACCESS_KEY;
    /// The size of new RSA keys in bits, 2048 unless set.
    KOPS_RSA_PRIVATE_KEY_SIZE;
    /// The files kubectl is configured by, separated by colons.
    KUBECONFIG;
    /// The editor of `edit`, before `EDITOR`.
    KUBE_EDITOR;
    /// The editor of `edit`.
    EDITOR;
    /// The person's home folder.
    HOME;
    /// The person's account on this machine.
    USER;
    /// A lock taken by `state lock`, under which a command may write.
    KOPSFORM_LOCK_ID;
    /// The name of this machine, where the shell exports it.
    HOSTNAME;
    /// Lets programs on nodes run Kubernetes releases that are newer than they know.
    KOPS_RUN_TOO_NEW_VERSION;
    /// The image of dns-controller, for those who build their own.
    DNSCONTROLLER_IMAGE;
    /// The image of kops-controller, for those who build their own.
    KOPSCONTROLLER_IMAGE;
    /// The image of kube-apiserver-healthcheck, for those who build their own.
    KUBE_APISERVER_HEALTHCHECK_IMAGE;
    /// The region, where the spec does not tell it.
    AWS_REGION;
    /// Runs versions that the channel asks to leave behind.
    KOPS_RUN_OBSOLETE_VERSION;
    /// Where nodes get CNI plugins from, together with `CNI_ASSET_HASH_STRING`.
    CNI_VERSION_URL;
    /// The SHA-256 of the file at `CNI_VERSION_URL`.
    CNI_ASSET_HASH_STRING;
    /// Takes subnets in any zone, whether the region has it or not.
    SKIP_REGION_CHECK;
    /// How many gossip connections a node keeps; passed on to nodes.
    GOSSIP_DNS_CONN_LIMIT;
}

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

    /// The same without the variables that put other images in the place of published ones.
    pub fn published(&self) -> Self {
        let own = [DNSCONTROLLER_IMAGE, KOPSCONTROLLER_IMAGE, KUBE_APISERVER_HEALTHCHECK_IMAGE];
        Self(
            self.0
                .iter()
                .filter(|(name, _)| !own.contains(&name.as_str()))
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect(),
        )
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
