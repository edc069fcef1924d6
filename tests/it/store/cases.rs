//! The stores that every test runs on: a directory, and S3 where moto is available.

use kopsform_state::StateStore;

use super::specs;

/// A store with what keeps it alive.
pub struct Place {
    /// What it is, for messages.
    pub name: &'static str,
    /// The store.
    pub state: StateStore,
    _directory: Option<tempfile::TempDir>,
}

/// A fresh store of each kind.
pub fn places() -> Vec<Place> {
    let directory = tempfile::tempdir().unwrap();
    let state = specs::file_store(&directory.path().join("state"));
    let directory = Place { name: "directory", state, _directory: Some(directory) };
    std::iter::once(directory).chain(in_s3()).collect()
}

/// A new bucket. moto looks and writes in two steps; behind the proxy a write with a condition is one, as it is in S3.
#[cfg(feature = "aws")]
fn in_s3() -> Option<Place> {
    let moto = super::moto::moto()?;
    let proxy = super::proxy::Proxy::passing(&moto.address);
    let state = super::moto::state_store(&proxy.address, &moto.bucket());
    Some(Place { name: "S3", state, _directory: None })
}

#[cfg(not(feature = "aws"))]
fn in_s3() -> Option<Place> {
    None
}
