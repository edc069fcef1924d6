//! The state store under races, crashes, faulty servers and attempts to read secrets, in a directory and in S3.
//!
//! S3 is moto in its own process, mostly behind a proxy that counts requests and makes some fail.

#[cfg(feature = "aws")]
mod access;
mod addresses;
mod cases;
mod commands;
mod crashes;
#[cfg(feature = "aws")]
mod faults;
mod interchange;
mod modes;
#[cfg(feature = "aws")]
mod moto;
#[cfg(feature = "aws")]
pub mod proxy;
mod races;
#[cfg(feature = "aws")]
mod refusals;
#[cfg(feature = "aws")]
mod requests;
mod secrecy;
mod specs;
#[cfg(feature = "aws")]
mod teardown;
