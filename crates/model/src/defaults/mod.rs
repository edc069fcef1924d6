//! Defaults: everything that kops fills in. Pure.
//!
//! Objects come from [`kopsform_spec::conversion`] and pass, in this order,
//! - [`assign`]: what must not change later, such as networks and the Kubernetes version; the result is stored;
//! - `subnets`: networks of subnets that have none, called by `assign`;
//! - [`complete`]: all other defaults of a cluster, which configure its instances;
//! - `components`: the defaults of single components, called by `complete` in rounds until nothing changes;
//! - `overlay`: what the user wrote takes precedence over what components filled in;
//! - [`populate_group`]: the defaults of an instance group of a completed cluster.
//!
//! `gce` has what is different on Google Cloud.
//!
//! `fill` sets fields without a value, `networks` calculates addresses, `error` has what can go wrong.
//!
//! Versions, images and limits are those of the kops release named in [`kopsform_spec::KOPS_VERSION`].

mod assign;
mod complete;
mod components;
mod error;
mod fill;
mod gce;
mod group;
mod networks;
mod overlay;
mod subnets;
#[cfg(test)]
mod tests;

pub use assign::assign;
pub use complete::{complete, completed_spec_file};
pub use components::{ETCD_RELEASES, GVISOR_PLATFORM, NVIDIA_DRIVER, has_image_volumes};
pub use error::{DefaultsError, WrongArchitecture};
pub use gce::architecture as google_architecture;
pub use group::{check_architectures, choose_machine, default_machine_types, node_labels, populate_group};

pub(crate) use overlay::overlay;

use crate::facts::Facts;
use kopsform_env::Environment;
use kopsform_env::features::Features;
use kopsform_spec::channel::Channel;

/// What defaults depend on besides the spec.
#[derive(Debug, Clone, Copy)]
pub struct DefaultsContext<'a> {
    pub facts: &'a Facts,
    pub features: &'a Features,
    /// Environment variables that change images.
    pub environment: &'a Environment,
    /// The source of default images and Kubernetes versions; `None` where the channel could not be read.
    pub channel: Option<&'a Channel>,
    /// The Kubernetes version of nodes, where they lag behind the control plane during an upgrade; else `None`.
    pub worker_version: Option<&'a str>,
}
