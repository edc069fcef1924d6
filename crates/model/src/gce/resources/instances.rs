//! Instance templates, managed instance groups and disks.

use std::collections::BTreeMap;

use super::{Labels, Network, ServiceAccount, Stack, Subnetwork, TargetPool};
use crate::graph::reference::resource;
use crate::{In, Ref, Text};

resource! {
    /// How the instances of a group start. Templates never change: another one replaces them.
    pub struct InstanceTemplate {
        /// What its names begin with.
        pub name_prefix: Text,
        /// The machine type.
        pub machine_type: String,
        /// Whether instances may send from addresses other than their own, as routes of pods need.
        pub can_ip_forward: bool,
        /// The only disk.
        pub boot_disk: BootDisk,
        /// Labels of the instances.
        pub labels: Labels,
        /// What instances read from the metadata server: key → value.
        pub metadata: BTreeMap<String, Text>,
        /// The interface.
        pub interface: Interface,
        /// Whether Google may stop the instances at any time (Spot).
        pub spot: bool,
        /// Whether instances move to other hosts during maintenance; otherwise they are stopped.
        pub migrates: bool,
        /// Accelerators.
        pub accelerators: Vec<Accelerator>,
        /// The identity of the instances: one of the cluster, or an address.
        pub account: In<ServiceAccount>,
        /// What the identity may be used for: addresses of scopes, in kops' order.
        pub scopes: Vec<String>,
        /// Network tags, to which firewall rules refer.
        pub tags: Vec<Text>,
        /// The instance group.
        pub group: GroupIdentity,
    }

    /// The group of the spec that a resource is of.
    pub struct GroupIdentity {
        /// Its name.
        pub name: String,
        /// Whether it belongs to the control plane.
        pub is_control_plane: bool,
    }

    /// The disk that instances start from.
    pub struct BootDisk {
        /// The project of the image.
        pub image_project: String,
        /// The name of the image.
        pub image: String,
        /// GiB.
        pub size: i64,
        /// The type, `pd-standard`.
        pub disk_type: String,
        /// Operations a second, where they are provisioned.
        pub iops: i64,
        /// MiB a second, where they are provisioned.
        pub throughput: i64,
    }

    /// The network interface of instances.
    pub struct Interface {
        /// The network.
        pub network: In<Network>,
        /// The subnet.
        pub subnetwork: In<Subnetwork>,
        /// The address families.
        pub stack: Stack,
        /// Whether instances have a public IPv4 address.
        pub has_public_address: bool,
        /// The addresses of pods, with IP aliases.
        pub pods: Option<AliasRange>,
    }

    /// Addresses of a secondary range of the subnet that an instance gets.
    pub struct AliasRange {
        /// The name of the secondary range.
        pub range: Text,
        /// The bits of the prefix of each instance.
        pub prefix_length: i64,
    }

    /// Accelerators of an instance.
    pub struct Accelerator {
        /// The type, `nvidia-tesla-t4`.
        pub accelerator_type: String,
        /// How many.
        pub count: i64,
    }

    /// The instances of a group in one zone.
    pub struct InstanceGroupManager {
        /// Its name in the zone.
        pub name: Text,
        /// The zone.
        pub zone: String,
        /// What the names of instances begin with.
        pub base_instance_name: String,
        /// How instances start.
        pub template: Ref<InstanceTemplate>,
        /// How many there are at first. Autoscalers and users change it.
        pub target_size: i64,
        /// The load balancers that instances are put behind.
        pub target_pools: Vec<Ref<TargetPool>>,
        /// The instance group.
        pub group: GroupIdentity,
    }

    /// A disk that an etcd member keeps its data on.
    pub struct PersistentDisk {
        /// Its name in the zone.
        pub name: Text,
        /// The zone.
        pub zone: String,
        /// The type, `pd-ssd`.
        pub disk_type: String,
        /// GiB.
        pub size: i64,
        /// Operations a second, where they are provisioned.
        pub iops: Option<i64>,
        /// MiB a second, where they are provisioned.
        pub throughput: Option<i64>,
        /// Labels, by which etcd-manager finds it.
        pub labels: Labels,
    }
}
