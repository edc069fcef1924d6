//! Operations on Google Cloud, on a simulated one.

mod apply;
#[cfg(feature = "aws")]
mod direct;
mod teardown;
