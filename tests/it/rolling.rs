//! Rolling updates in a simulated world: AWS, Kubernetes and time are played by [`world`] and [`clock`]. The commands
//! themselves are tried on servers.

mod clock;
#[cfg(all(feature = "aws", feature = "kube"))]
mod commands;
mod faults;
mod harness;
mod journal;
mod properties;
mod resume;
mod scale;
mod world;
