//! kopsform: cluster specs in, modern Terraform out, without the kops binary.

pub mod api;
pub mod assets;
pub mod changes;
pub mod cli;
#[cfg(feature = "aws")]
pub mod cloud;
pub mod diagnostics;
pub mod env;
pub mod exit;
pub mod features;
#[cfg(feature = "kube")]
pub mod kube;
pub mod kubeconfig;
pub mod lookup;
pub mod model;
pub mod nodeup;
pub mod ops;
pub mod pki;
pub mod project;
pub mod rolling;
pub mod state;
pub mod teardown;
pub mod template;
pub mod terraform;
pub mod yaml;

/// The kops release whose node software, formats and rules this is.
pub const KOPS_VERSION: &str = "1.36.2";
