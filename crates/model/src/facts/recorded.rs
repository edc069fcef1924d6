//! What only the outside knows. Looked up live, or read from `kopsform.lock`; the pure part takes it as an argument.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::GceFacts;

/// The facts a run needs. Every map is keyed by what the spec says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Facts {
    /// The format of the file, 1.
    pub version: u32,
    /// Download URL → SHA-256 in hex.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub assets: BTreeMap<String, String>,
    /// Image as the spec names it → what it resolves to.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub images: BTreeMap<String, ImageFact>,
    /// Container image → digest (`sha256:…`).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub image_digests: BTreeMap<String, String>,
    /// Instance type → its properties.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub instance_types: BTreeMap<String, InstanceTypeFact>,
    /// Region → names of its availability zones.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub zones: BTreeMap<String, Vec<String>>,
    /// VPC id → its networks and gateways.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub vpcs: BTreeMap<String, VpcFact>,
    /// Subnet id → its network, zone and VPC.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub subnets: BTreeMap<String, SubnetFact>,
    /// Hosted zone id → its name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub hosted_zones: BTreeMap<String, HostedZoneFact>,
    /// Instance profile that a group was given → the names of its roles.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub instance_profiles: BTreeMap<String, Vec<String>>,
    /// The account everything is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountFact>,
    /// Bucket → where it is and how it protects objects.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub buckets: BTreeMap<String, BucketFact>,
    /// Load balancer name → its DNS name and addresses; both are empty for one that does not exist.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub load_balancers: BTreeMap<String, LoadBalancerFact>,
    /// Google Cloud.
    #[serde(skip_serializing_if = "GceFacts::is_empty")]
    pub gce: GceFacts,
}

/// A machine image.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ImageFact {
    /// `ami-…`.
    pub id: String,
    /// `x86_64` or `arm64`.
    pub architecture: String,
    /// The root device, such as `/dev/sda1`.
    #[serde(alias = "rootDevice")]
    pub root_device_name: String,
}

/// An EC2 instance type.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct InstanceTypeFact {
    /// `x86_64`, `arm64`; several for types that run both.
    pub architectures: Vec<String>,
    /// Number of virtual CPUs.
    pub vcpus: i32,
    /// Memory in MiB.
    pub memory_mib: i64,
    /// Number of GPUs.
    pub gpus: i32,
    /// Number of instance store disks.
    pub ephemeral_disks: i32,
}

/// The architecture a channel's images are for that an instance type starts with: the first of those it runs.
pub fn architecture_of(fact: &InstanceTypeFact) -> &'static str {
    let known = |name: &String| match name.as_str() {
        "x86_64" => Some("amd64"),
        "arm64" => Some("arm64"),
        _ => None,
    };
    fact.architectures.iter().find_map(known).unwrap_or("amd64")
}

/// A VPC that the cluster shares.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct VpcFact {
    /// The primary CIDR.
    pub cidr: String,
    /// Further IPv4 CIDRs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub additional_cidrs: Vec<String>,
    /// The IPv6 CIDR.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6_cidr: Option<String>,
    /// The attached internet gateway, `igw-…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internet_gateway: Option<String>,
    /// The attached egress-only internet gateway, `eigw-…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub egress_only_internet_gateway: Option<String>,
}

/// A subnet that the cluster shares.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct SubnetFact {
    /// Its VPC.
    pub vpc: String,
    /// Its availability zone.
    pub zone: String,
    /// Its IPv4 CIDR.
    pub cidr: String,
    /// Its IPv6 CIDR.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6_cidr: Option<String>,
}

/// A Route 53 hosted zone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct HostedZoneFact {
    /// The domain, without a trailing dot.
    pub name: String,
    /// Whether only associated VPCs see it.
    pub private: bool,
    /// VPCs that see a private zone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vpcs: Vec<String>,
}

/// The AWS account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct AccountFact {
    /// The twelve-digit id.
    pub id: String,
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
}

/// An S3 bucket.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct BucketFact {
    /// Its region.
    pub region: String,
    /// Whether it encrypts objects by default.
    pub default_encryption: bool,
    /// Whether its policy lets everyone read; `None` if that was not looked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public: Option<bool>,
}

/// A load balancer that may exist already.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LoadBalancerFact {
    /// Its DNS name; empty where it does not exist.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub dns_name: String,
    /// Its addresses inside the VPC, where nodes need them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
}
