//! Launch templates.

use super::{InstanceProfile, KeyPair, SecurityGroup, Tags};
use crate::Text;
use crate::graph::In;
use crate::graph::reference::{resource, without_references};

resource! {
    /// How the instances of a group are started.
    pub struct LaunchTemplate {
        pub name: Text,
        /// `ami-…`.
        pub image: String,
        pub instance_type: String,
        /// What gives instances their role.
        pub profile: In<InstanceProfile>,
        /// The SSH key that instances accept.
        pub key: Option<In<KeyPair>>,
        /// What instances run first: a script or a multipart document, as it is (not in base64).
        pub user_data: Option<String>,
        /// The root disk, then others.
        pub disks: Vec<Disk>,
        pub network_interface: NetworkInterface,
        pub metadata: MetadataOptions,
        /// `standard` or `unlimited`, for instance types that burst.
        pub cpu_credits: Option<String>,
        /// Whether disks have a network of their own; `None` for what the instance type does by itself.
        pub ebs_optimized: Option<bool>,
        /// Set when instances are bought on the Spot market.
        pub spot: Option<SpotOptions>,
        /// Whether metrics come every minute.
        pub detailed_monitoring: bool,
        /// `default`, `dedicated` or `host`.
        pub tenancy: Option<String>,
        /// Tags of the template, and of the instances, volumes and network interfaces that come from it.
        pub tags: Tags,
    }

    /// A disk of an instance.
    pub struct Disk {
        /// `/dev/xvda`.
        pub device: String,
        pub content: DiskContent,
    }

    /// The network interface of an instance.
    pub struct NetworkInterface {
        /// Whether it has a public IPv4 address; `None` for what the subnet says.
        pub public_ip: Option<bool>,
        /// How many IPv6 addresses it has.
        pub ipv6_addresses: i64,
        /// Its security groups: those that the cluster makes first, then ids in their order.
        pub security_groups: Vec<In<SecurityGroup>>,
    }
}

/// What a disk is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiskContent {
    /// A volume that is made for the instance.
    Volume(InstanceVolume),
    /// The instance type's own disk of this number, from 0.
    InstanceStore(usize),
}

/// A volume of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceVolume {
    /// Such as `gp3`.
    pub volume_type: String,
    /// GiB.
    pub size: i64,
    pub encrypted: bool,
    /// The key it is encrypted with, where it is not the account's.
    pub kms_key: Option<String>,
    /// Operations a second, for types that have them.
    pub iops: Option<i64>,
    /// MiB a second, for types that have it.
    pub throughput: Option<i64>,
    /// Whether it goes with the instance.
    pub delete_on_termination: bool,
}

/// How Spot instances behave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpotOptions {
    /// The most to pay an hour, in dollars.
    pub max_price: String,
    /// Minutes an instance is kept.
    pub duration_minutes: Option<i64>,
    /// What becomes of it then: `hibernate`, `stop` or `terminate`.
    pub interruption_behavior: Option<String>,
}

/// The metadata service of instances. It is always on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataOptions {
    /// Whether it answers over IPv6 as well.
    pub ipv6: bool,
    /// How many hops answers travel.
    pub hop_limit: i64,
    /// `required` (version 2) or `optional`.
    pub tokens: String,
}

without_references!(DiskContent, SpotOptions, MetadataOptions);
