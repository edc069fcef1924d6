//! Which kinds of resources a run takes care of: `--phase` and `--lifecycle-overrides`.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use crate::graph::Kind;
use crate::managed_file::FileKind;

/// What a run does with a resource.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Lifecycle {
    /// It must exist as the model specifies.
    #[default]
    Sync,
    /// It is managed elsewhere and left out of the output.
    Ignore,
    /// As `Sync`; kops goes on with a warning when it may not look at the resource.
    WarnIfInsufficientAccess,
    /// It must exist already, exactly like this.
    ExistsAndValidates,
    /// It must exist already; differences are only reported.
    ExistsAndWarnIfChanges,
}

/// Why a string is not a lifecycle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown lifecycle {0:?}")]
pub struct ParseLifecycleError(pub String);

impl FromStr for Lifecycle {
    type Err = ParseLifecycleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "Sync" => Self::Sync,
            "Ignore" => Self::Ignore,
            "WarnIfInsufficientAccess" => Self::WarnIfInsufficientAccess,
            "ExistsAndValidates" => Self::ExistsAndValidates,
            "ExistsAndWarnIfChanges" => Self::ExistsAndWarnIfChanges,
            _ => return Err(ParseLifecycleError(text.to_owned())),
        })
    }
}

/// The part of the cluster a builder is about; phases name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// VPC, subnets, gateways, routes.
    Network,
    /// Security groups, IAM, SSH keys.
    Security,
    /// Everything else: instances, load balancers, names, files.
    Cluster,
}

/// The lifecycle of each layer, with exceptions by kops' task name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lifecycles {
    /// Of the network layer.
    pub network: Lifecycle,
    /// Of the security layer.
    pub security: Lifecycle,
    /// Of the cluster layer.
    pub cluster: Lifecycle,
    /// Task name (`VPC`, `SecurityGroup`, …) → lifecycle, regardless of its layer.
    pub overrides: BTreeMap<String, Lifecycle>,
}

/// Tasks of kops on AWS whose results are no resources in Terraform: a lifecycle of theirs changes nothing.
pub const TASKS_WITHOUT_RESOURCES: [&str; 10] = [
    "BootstrapScript",
    "IAMInstanceProfile",
    "Instance",
    "Keypair",
    "MirrorKeystore",
    "MirrorSecrets",
    "PortRemovalRule",
    "Secret",
    "VPCAmazonIPv6CIDRBlock",
    "WarmPool",
];

/// The tasks whose lifecycle can be overridden.
pub fn tasks() -> BTreeSet<&'static str> {
    let files = [FileKind::Addon, FileKind::Channel, FileKind::Other].map(FileKind::task);
    Kind::ALL.iter().map(|kind| kind.task()).chain(files).collect()
}

impl Lifecycles {
    /// The lifecycle of a task in a layer.
    pub fn of(&self, layer: Layer, task: &str) -> Lifecycle {
        self.overrides.get(task).copied().unwrap_or(match layer {
            Layer::Network => self.network,
            Layer::Security => self.security,
            Layer::Cluster => self.cluster,
        })
    }
}
