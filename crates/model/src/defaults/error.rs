//! Why defaults could not be filled in.

use crate::facts::HostedZoneError;
use kopsform_diagnostics::Explain;
use kopsform_spec::versions::ParseVersionError;

/// Why defaults could not be filled in.
#[derive(Debug, thiserror::Error)]
pub enum DefaultsError {
    /// A required field that is missing.
    #[error("spec.{field} is not set")]
    Missing {
        /// The field, below `spec`.
        field: &'static str,
    },
    /// An invalid network.
    #[error("spec.{field}: {value:?} is not a CIDR such as 10.0.0.0/16")]
    BadCidr {
        /// The field, below `spec`.
        field: String,
        value: String,
    },
    /// A value that conflicts with others.
    #[error("{0}")]
    Invalid(String),
    /// An invalid Kubernetes version.
    #[error("spec.kubernetesVersion: {0}")]
    BadVersion(#[from] ParseVersionError),
    /// An unsupported address of a store.
    #[error("spec.{field}: {value:?} is not an address instances can read")]
    BadStore {
        /// The field, below `spec`.
        field: &'static str,
        value: String,
    },
    /// A fact that was not looked up.
    #[error("{kind} {name} is not known")]
    Unknown {
        /// `VPC`, `subnet`, `instance type`, `hosted zone`.
        kind: &'static str,
        /// Its id or name.
        name: String,
    },
    /// An instance type that does not run the group's image.
    #[error(transparent)]
    Architecture(#[from] Box<WrongArchitecture>),
    /// The network has no room for a subnet.
    #[error("spec.subnets: no part of {network} is free for subnet {subnet}")]
    NetworkFull { network: String, subnet: String },
    /// A subnet differs from the one that exists.
    #[error("spec.subnets[{index}].{field}: {id} has the {field} {actual}, not {written}")]
    SubnetDiffers {
        /// Its index in the spec, from 0.
        index: usize,
        /// `subnet-…`.
        id: String,
        /// `cidr` or `zone`.
        field: &'static str,
        /// What the spec says.
        written: String,
        /// What AWS says.
        actual: String,
    },
    /// A subnet is in another VPC.
    #[error("spec.subnets[{index}].id: {id} is in {actual}, not in {}", if .vpc.is_empty() { "the cluster's VPC: spec.networkID is missing" } else { .vpc })]
    SubnetElsewhere {
        /// Its index in the spec, from 0.
        index: usize,
        /// `subnet-…`.
        id: String,
        /// The VPC it is in.
        actual: String,
        /// The VPC of the cluster.
        vpc: String,
    },
    /// No hosted zone matches, or several do.
    #[error(transparent)]
    HostedZone(#[from] HostedZoneError),
    /// No default image for a group.
    #[error("no default image for instance group {group} with Kubernetes {version} on {architecture}")]
    NoImage {
        group: String,
        version: String,
        /// `amd64` or `arm64`.
        architecture: &'static str,
    },
    /// Serialization failed.
    #[error("the cluster cannot be represented: {0}")]
    Representation(#[from] serde_json::Error),
}

/// An instance type that does not run its group's image.
#[derive(Debug, thiserror::Error)]
#[error(
    "InstanceGroup/{group}: spec.{field}: {kind} has architecture {architectures}, the image {image} has {architecture}"
)]
pub struct WrongArchitecture {
    pub group: String,
    /// The field, below `spec`.
    pub field: String,
    /// The instance type.
    pub kind: String,
    /// Architectures of the instance type, joined with `and`.
    pub architectures: String,
    /// The image, as the spec names it.
    pub image: String,
    /// Architecture of the image.
    pub architecture: String,
}

impl DefaultsError {
    /// The field it is about: with the name of the instance group, if it is not one of the cluster.
    pub fn field(&self) -> Option<(Option<&str>, String)> {
        let of_cluster = |path: String| Some((None, path));
        match self {
            Self::Missing { field } | Self::BadStore { field, .. } => of_cluster(format!("spec.{field}")),
            Self::BadCidr { field, .. } => of_cluster(format!("spec.{field}")),
            Self::BadVersion(_) => of_cluster("spec.kubernetesVersion".to_owned()),
            Self::NetworkFull { .. } => of_cluster("spec.subnets".to_owned()),
            Self::SubnetDiffers { index, field, .. } => of_cluster(format!("spec.subnets[{index}].{field}")),
            Self::SubnetElsewhere { index, .. } => of_cluster(format!("spec.subnets[{index}].id")),
            Self::Architecture(error) => Some((Some(&error.group), format!("spec.{}", error.field))),
            Self::NoImage { group, .. } => Some((Some(group), "spec.image".to_owned())),
            // Messages that begin with their field.
            Self::Invalid(text) => {
                let (path, _) = text.split_once([':', ' ']).filter(|(path, _)| path.starts_with("spec."))?;
                of_cluster(path.to_owned())
            }
            Self::Unknown { .. } | Self::HostedZone(_) | Self::Representation(_) => None,
        }
    }
}

impl Explain for DefaultsError {
    fn hints(&self) -> Vec<String> {
        let hint = match self {
            // Facts have been looked up already unless --offline was given.
            Self::Unknown { .. } => {
                "check that it exists; with --offline, it must be in a lock file (`kopsform lock`)".to_owned()
            }
            Self::HostedZone(error) => return error.hints(),
            Self::Architecture(_) => "use an image or an instance type of the other architecture".to_owned(),
            Self::NoImage { .. } => "set spec.image of the group".to_owned(),
            Self::SubnetElsewhere { .. } => "see spec.networkID: all subnets are in that VPC".to_owned(),
            Self::SubnetDiffers { field, actual, .. } => format!("write {field}: {actual}"),
            Self::NetworkFull { .. } => "set the cidr of each subnet, or use a larger spec.networkCIDR".to_owned(),
            Self::Missing { field: "kubernetesVersion" } => {
                "set it, or name a channel that recommends one in spec.channel".to_owned()
            }
            _ => return Vec::new(),
        };
        vec![hint]
    }
}
