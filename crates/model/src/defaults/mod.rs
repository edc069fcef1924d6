//! What kops fills in where people leave something out.
//!
//! Three stages, all pure:
//! - [`assign`] chooses what must not change later (networks, the Kubernetes version); the state store keeps it.
//! - [`complete`] adds every default of every component to a cluster; what instances read at boot is made of it.
//! - [`populate_group`] does the same for an instance group of a completed cluster.
//!
//! All take objects as [`kopsform_spec::conversion`] leaves them.
//! Versions, images and limits are those of the kops release named in [`kopsform_spec::KOPS_VERSION`].

mod assign;
mod complete;
mod components;
mod error;
mod fill;
mod group;
mod networks;
mod overlay;
mod subnets;
#[cfg(test)]
mod tests;

pub use assign::assign;
pub use complete::{complete, completed_spec_file};
pub use components::{ETCD_RELEASES, GVISOR_PLATFORM, NVIDIA_DRIVER, has_image_volumes};
pub use error::{DefaultsError, WrongProcessor};
pub use group::{check_processors, choose_machine, default_machine_types, node_labels, populate_group};

pub(crate) use overlay::overlay;

use crate::facts::Facts;
use kopsform_env::Environment;
use kopsform_env::features::Features;
use kopsform_spec::channel::Channel;

/// What defaults depend on besides the spec itself.
#[derive(Debug, Clone, Copy)]
pub struct DefaultsContext<'a> {
    /// What was looked up.
    pub facts: &'a Facts,
    /// kops' feature flags.
    pub features: &'a Features,
    /// Environment variables that change images.
    pub environment: &'a Environment,
    /// The channel, if it could be read: images of groups and versions of clusters that name none come from it.
    pub channel: Option<&'a Channel>,
    /// Worker groups are configured for this version where the control plane is still older (version skew).
    pub worker_version: Option<&'a str>,
}
