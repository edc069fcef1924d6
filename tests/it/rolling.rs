//! Rolling updates in a simulated world: AWS, Kubernetes and time are played by [`world`] and [`clock`].

mod clock;
mod faults;
mod harness;
mod properties;
mod resume;
mod world;
