//! Addons: each alone in its default and richest form, whether Kubernetes takes the objects, and the table of versions.

mod cluster;
mod golden;
mod kinds;
mod quoting;
mod references;
mod versions;
