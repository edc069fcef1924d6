//! The Kubernetes API: how it is reached, and what rolling updates and validation ask of it.

mod client;
mod connect;
mod convert;

pub use client::Client;
pub use connect::{AdminCredential, ConnectError, from_kubeconfig, with_credential};
