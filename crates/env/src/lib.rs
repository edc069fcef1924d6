//! Every environment variable the program reads, and the only code that reads them.

pub mod features;

use std::collections::BTreeMap;

/// A variable the program reads.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    pub name: &'static str,
    pub about: &'static str,
}

/// Declares each variable as a constant with its name, and lists all with their descriptions.
macro_rules! variables {
    ($($(#[doc = $about:literal])+ $name:ident;)*) => {
        $($(#[doc = $about])+ pub const $name: &str = stringify!($name);)*

        /// Every variable, for the documentation.
        pub const ALL: &[Variable] = &[$(Variable { name: stringify!($name), about: concat!($($about),+) }),*];
    };
}

variables! {
    /// The state store, if `--state` is absent.
    KOPS_STATE_STORE;
    /// The name of the cluster, if `--name` is absent.
    KOPS_CLUSTER_NAME;
    /// Feature flags, `+Name,-Name`.
    KOPS_FEATURE_FLAGS;
    /// The canned ACL of every object that is written to an S3 state store.
    KOPS_STATE_S3_ACL;
    /// The base URL of nodeup and other files of the kops release.
    KOPS_BASE_URL;
    /// The lock file with recorded facts, `--lock` when the flag is absent; takes precedence over the one of `kopsform.yaml`.
    KOPSFORM_LOCK;
    /// The directory of copies of specs in object storage, `~/.cache/kopsform` by default; `off` for none.
    KOPSFORM_CACHE;
    /// The directory of caches, `~/.cache` by default.
    XDG_CACHE_HOME;
    /// A filter for log messages on stderr, such as `kopsform::aws=debug,hyper=info`; overrides `-v`.
    KOPSFORM_LOG;
    /// Set by completion scripts: the shell that asks for completions.
    KOPSFORM_COMPLETE;
    /// Switches colors off, if set to anything.
    NO_COLOR;
    /// Switches colors on, also in files and pipes, unless it is `0`.
    CLICOLOR_FORCE;
    /// The kind of terminal; `dumb` has neither colors nor progress.
    TERM;
    /// The IAM role for AWS calls, except those of the state store.
    KOPS_AWS_ROLE_ARN;
    /// The endpoint of an S3-compatible server; the other `S3_` variables apply to it.
    S3_ENDPOINT;
    /// The region of this server, `us-east-1` by default.
    S3_REGION;
    /// The access key ID for this server.
    S3_ACCESS_KEY_ID;
    /// The secret access key for this server.
    S3_SECRET_ACCESS_KEY;
    /// The size of new RSA keys in bits, 2048 by default.
    KOPS_RSA_PRIVATE_KEY_SIZE;
    /// The kubeconfig files, separated by colons.
    KUBECONFIG;
    /// The proxy for servers with TLS, such as the Kubernetes API and AWS; `https_proxy` counts as well.
    HTTPS_PROXY;
    /// The proxy for servers without TLS; `http_proxy` counts as well.
    HTTP_PROXY;
    /// The servers that are reached without these proxies, separated by commas: domains, addresses, networks in CIDR
    /// notation, or `*`; `no_proxy` counts as well.
    NO_PROXY;
    /// The editor of `edit`; takes precedence over `EDITOR`.
    KUBE_EDITOR;
    /// The editor of `edit`.
    EDITOR;
    /// The home directory.
    HOME;
    /// The name of the user on this machine.
    USER;
    /// The ID of a lock taken by `state lock`, with which a command may write.
    KOPSFORM_LOCK_ID;
    /// The name of this machine, if the shell exports it.
    HOSTNAME;
    /// Lets the node software run Kubernetes releases that are newer than it knows.
    KOPS_RUN_TOO_NEW_VERSION;
    /// The image of dns-controller, if you build your own.
    DNSCONTROLLER_IMAGE;
    /// The image of kops-controller, if you build your own.
    KOPSCONTROLLER_IMAGE;
    /// The image of kube-apiserver-healthcheck, if you build your own.
    KUBE_APISERVER_HEALTHCHECK_IMAGE;
    /// A PEM file with certificates to trust in calls to AWS, besides those of the system.
    AWS_CA_BUNDLE;
    /// The region, if the spec does not name it.
    AWS_REGION;
    /// A file with credentials of Google Cloud; takes precedence over those of `gcloud auth application-default login`.
    GOOGLE_APPLICATION_CREDENTIALS;
    /// The service account to impersonate in calls to Google Cloud.
    CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT;
    /// The directory of gcloud's settings, `~/.config/gcloud` by default.
    CLOUDSDK_CONFIG;
    /// The configuration of gcloud whose project is used, if no variable names one.
    CLOUDSDK_ACTIVE_CONFIG_NAME;
    /// The project on Google Cloud of a new cluster, if `--project` is absent.
    CLOUDSDK_CORE_PROJECT;
    /// The same, if `CLOUDSDK_CORE_PROJECT` is absent.
    GOOGLE_CLOUD_PROJECT;
    /// The address of the Compute Engine API, for tests and private networks.
    CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE;
    /// The address of the Resource Manager API, which has the policies of projects.
    CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDRESOURCEMANAGER;
    /// The address of the Cloud DNS API.
    CLOUDSDK_API_ENDPOINT_OVERRIDES_DNS;
    /// The address of the IAM API, which has the service accounts.
    CLOUDSDK_API_ENDPOINT_OVERRIDES_IAM;
    /// The address of the Cloud Storage API.
    CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE;
    /// The address of an emulator of Cloud Storage.
    STORAGE_EMULATOR_HOST;
    /// The metadata server of an instance on Google Cloud, if it is not at its usual address.
    GCE_METADATA_HOST;
    /// Allows versions that the channel marks as obsolete.
    KOPS_RUN_OBSOLETE_VERSION;
    /// The URL of the CNI plugins; needs `CNI_ASSET_HASH_STRING`.
    CNI_VERSION_URL;
    /// The SHA-256 of the file at `CNI_VERSION_URL`.
    CNI_ASSET_HASH_STRING;
    /// Skips the check that the zones of subnets are in the region.
    SKIP_REGION_CHECK;
    /// The maximum number of gossip connections of a node; passed on to nodes.
    GOSSIP_DNS_CONN_LIMIT;
}

/// The environment at the start of the program. Pure code takes it as an argument.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// A copy of the process environment; variables that are not valid Unicode are left out.
    pub fn from_process() -> Self {
        Self(std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))).collect())
    }

    /// An environment with these variables, for tests.
    pub fn of<const N: usize>(variables: [(&str, &str); N]) -> Self {
        Self(variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    /// The same with another value of a variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The same without the variables that replace published images.
    pub fn published(&self) -> Self {
        let custom = [DNSCONTROLLER_IMAGE, KOPSCONTROLLER_IMAGE, KUBE_APISERVER_HEALTHCHECK_IMAGE];
        Self(
            self.0
                .iter()
                .filter(|(name, _)| !custom.contains(&name.as_str()))
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect(),
        )
    }

    /// All variables by their names.
    pub fn variables(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    /// The value of a variable that is set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|v| !v.is_empty())
    }

    /// A variable that is set, even if empty.
    pub fn is_set(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}
