//! The state store under races, crashes, faulty servers and attempts to read secrets, in a directory, in S3 and in Cloud Storage.
//!
//! S3 is moto in its own process, Cloud Storage a thread, mostly behind a proxy that counts requests and makes some fail.

#[cfg(feature = "aws")]
mod access;
mod addresses;
mod cases;
mod commands;
mod crashes;
#[cfg(any(feature = "aws", feature = "gce"))]
mod faults;
#[cfg(feature = "gce")]
mod google_cloud;
mod interchange;
mod modes;
#[cfg(feature = "aws")]
mod moto;
#[cfg(any(feature = "aws", feature = "gce"))]
pub mod proxy;
mod races;
#[cfg(feature = "aws")]
mod refusals;
#[cfg(feature = "aws")]
mod requests;
mod secrecy;
#[cfg(any(feature = "aws", feature = "gce"))]
mod servers;
mod specs;
#[cfg(feature = "aws")]
mod teardown;
#[cfg(feature = "aws")]
mod unconditional;
