//! Defaults of clusters on Google Cloud.

mod managed_zone;
mod networks;

pub(super) use managed_zone::managed_zone;
pub(super) use networks::assign_ranges;

use kopsform_spec::v1alpha2::InstanceGroupRole;

/// The machine type of a group without one. kops looks no machine type up.
pub(super) fn default_machine_type(role: InstanceGroupRole) -> &'static str {
    match role {
        InstanceGroupRole::Bastion => "e2-micro",
        InstanceGroupRole::ControlPlane | InstanceGroupRole::ApiServer | InstanceGroupRole::Node => "e2-medium",
    }
}

/// The architecture of a machine type of Google Cloud, by its family: `amd64` or `arm64`.
pub fn architecture(machine_type: &str) -> &'static str {
    const ARM: [&str; 4] = ["a4x", "c4a", "n4a", "t2a"];
    if ARM.contains(&machine_type.split('-').next().unwrap_or_default()) { "arm64" } else { "amd64" }
}
