//! Why defaults could not be filled in.

use crate::facts::HostedZoneError;
use kopsform_diagnostics::Explain;
use kopsform_spec::versions::ParseVersionError;

/// Why defaults could not be filled in.
#[derive(Debug, thiserror::Error)]
pub enum DefaultsError {
    /// A field that nothing works without.
    #[error("spec.{field} is not set")]
    Missing {
        /// The field, below `spec`.
        field: &'static str,
    },
    /// A network that cannot be read.
    #[error("spec.{field}: {value:?} is not a CIDR such as 10.0.0.0/16")]
    BadCidr {
        /// The field, below `spec`.
        field: String,
        /// What it says.
        value: String,
    },
    /// A value that does not fit with the rest.
    #[error("{0}")]
    Invalid(String),
    /// A Kubernetes version that cannot be read.
    #[error("spec.kubernetesVersion: {0}")]
    BadVersion(#[from] ParseVersionError),
    /// An address of a store that is not understood.
    #[error("spec.{field}: {value:?} is not an address instances can read")]
    BadStore {
        /// The field, below `spec`.
        field: &'static str,
        /// What it says.
        value: String,
    },
    /// Something that was not looked up.
    #[error("{kind} {name} is not known")]
    Unknown {
        /// `VPC`, `subnet`, `instance type`, `hosted zone`.
        kind: &'static str,
        /// Its id or name.
        name: String,
    },
    /// An instance type that does not run the group's image.
    #[error(transparent)]
    Processor(#[from] Box<WrongProcessor>),
    /// No network is left for a subnet.
    #[error("spec.subnets: no part of {network} is free for subnet {subnet}")]
    NetworkFull {
        /// The cluster's network.
        network: String,
        /// The subnet.
        subnet: String,
    },
    /// A subnet differs from the one that exists.
    #[error("spec.subnets: subnet {id} has {field} {written:?}, but the one that exists has {actual:?}")]
    SubnetDiffers {
        /// `subnet-…`.
        id: String,
        /// `cidr` or `zone`.
        field: &'static str,
        /// What the spec says.
        written: String,
        /// What AWS says.
        actual: String,
    },
    /// No hosted zone, or no single one, is meant.
    #[error(transparent)]
    HostedZone(#[from] HostedZoneError),
    /// No default image for a group.
    #[error("no default image for instance group {group} with Kubernetes {version} on {architecture}")]
    NoImage {
        /// The group.
        group: String,
        /// The Kubernetes version.
        version: String,
        /// `amd64` or `arm64`.
        architecture: &'static str,
    },
    /// The cluster cannot be taken apart and put together again.
    #[error("the cluster cannot be represented: {0}")]
    Representation(#[from] serde_json::Error),
}

/// An instance type that does not run its group's image.
#[derive(Debug, thiserror::Error)]
#[error(
    "InstanceGroup/{group}: spec.{field}: {kind} has processors of {architectures}, the image {image} is for {architecture}"
)]
pub struct WrongProcessor {
    /// The group.
    pub group: String,
    /// The field, below `spec`.
    pub field: String,
    /// The type.
    pub kind: String,
    /// Its architectures.
    pub architectures: String,
    /// The image, as the spec names it.
    pub image: String,
    /// Its architecture.
    pub architecture: String,
}

impl Explain for DefaultsError {
    fn hints(&self) -> Vec<String> {
        let hint = match self {
            Self::Unknown { .. } => "look it up without --offline, or record it with `kopsform lock`".to_owned(),
            Self::HostedZone(error) => return error.hints(),
            Self::Processor(_) => "use an image or an instance type of the other kind".to_owned(),
            Self::NoImage { .. } => "set spec.image of the group".to_owned(),
            Self::NetworkFull { .. } => "set the cidr of each subnet, or use a larger spec.networkCIDR".to_owned(),
            Self::Missing { field: "kubernetesVersion" } => {
                "set it, or name a channel that recommends one in spec.channel".to_owned()
            }
            _ => return Vec::new(),
        };
        vec![hint]
    }
}
