//! Operations on Google Cloud, on a simulated one.

#[cfg(feature = "aws")]
mod direct;
#[cfg(feature = "aws")]
mod teardown;
