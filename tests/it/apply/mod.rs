//! What Terraform applies in a simulated account. Tests start in the order of their names, and these take the longest.

#[cfg(feature = "kube")]
mod account;
mod moves;
mod terraform;
