//! Clusters in a simulated Google Cloud.

mod direct;
