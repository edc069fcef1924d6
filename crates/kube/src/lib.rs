//! The Kubernetes API, as the ports of `kopsform-rolling` define it.
//!
//! - [`from_kubeconfig`] and [`with_credential`] connect: through a kubeconfig context, or with a client certificate.
//!   `kubeconfig` reads the files, `exec` runs credential plugins, `proxy` decides which proxy leads to the server, and
//!   `connector` opens the connections.
//! - [`Client`] makes the calls of rolling updates and validation; `convert` reads the API's objects.
//! - `request_log` logs each request.

mod client;
mod connect;
mod connector;
mod convert;
mod exec;
mod kubeconfig;
mod proxy;
mod request_log;

pub use client::Client;
pub use connect::{AdminCredential, ConnectError, from_kubeconfig, with_credential};
pub use exec::ExecError;
