//! What the features `aws` and `kube` add: the only place in this package that depends on them.
//!
//! Each feature has two modules with the same items; in a build without it, everything that needs a network reports
//! [`Unsupported`] or finds nothing.

#[cfg(feature = "aws")]
mod aws;
#[cfg(not(feature = "aws"))]
#[path = "without_aws.rs"]
mod aws;
#[cfg(feature = "kube")]
mod kubernetes;
#[cfg(not(feature = "kube"))]
#[path = "without_kubernetes.rs"]
mod kubernetes;

pub use aws::{
    ClusterCloud, DirectCloud, FACTS_CAN_BE_LOOKED_UP, FactLookup, direct, download, inventory, object_storage,
};
pub use kubernetes::{AdminCredential, ConnectError, control_plane_versions, from_kubeconfig, with_credential};

use kopsform_diagnostics::Explain;

/// This build lacks what an operation needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this program was built without {0} support")]
pub struct Unsupported(pub &'static str);

impl Explain for Unsupported {}
