//! The Kubernetes API of a running cluster.
