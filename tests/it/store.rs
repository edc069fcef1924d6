//! The state store under races, crashes, faults and prying eyes, in a folder and in S3.
//!
//! S3 is moto in a process of its own, mostly behind a proxy that counts requests and spoils some.

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
mod proxy;
mod races;
#[cfg(feature = "aws")]
mod refusals;
#[cfg(feature = "aws")]
mod requests;
mod secrecy;
mod specs;
#[cfg(feature = "aws")]
mod teardown;
#[cfg(feature = "aws")]
mod ways;
