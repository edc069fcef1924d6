//! Rolling updates in a simulation: [`simulation`] stands for the cloud and Kubernetes, [`clock`] for time. The commands
//! themselves are tested against servers.

#[cfg(all(unix, feature = "aws", feature = "kube"))]
mod access;
mod clock;
#[cfg(all(feature = "aws", feature = "kube"))]
mod commands;
mod faults;
#[cfg(all(unix, feature = "gce", feature = "kube"))]
mod google;
mod harness;
mod journal;
mod properties;
#[cfg(all(feature = "aws", feature = "kube"))]
mod reconcile;
mod resume;
mod scale;
mod simulation;
