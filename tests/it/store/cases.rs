//! The stores that every promise is held in: a folder, and S3 where moto is at hand.

use kopsform_state::StateStore;

use super::specs;

/// A store with what keeps it alive.
pub struct Place {
    /// What it is, for messages.
    pub name: &'static str,
    /// The store.
    pub state: StateStore,
    _folder: Option<tempfile::TempDir>,
}

/// A fresh store of each kind.
pub fn places() -> Vec<Place> {
    let folder = tempfile::tempdir().unwrap();
    let state = specs::folder(&folder.path().join("state"));
    let folder = Place { name: "folder", state, _folder: Some(folder) };
    std::iter::once(folder).chain(in_s3()).collect()
}

/// A new bucket. moto looks and writes in two steps; behind the proxy a write with a condition is one, as it is in S3.
#[cfg(feature = "aws")]
fn in_s3() -> Option<Place> {
    let moto = super::moto::moto()?;
    let proxy = super::proxy::Proxy::passing(&moto.address);
    let state = super::moto::state_store(&proxy.address, &moto.bucket());
    Some(Place { name: "S3", state, _folder: None })
}

#[cfg(not(feature = "aws"))]
fn in_s3() -> Option<Place> {
    None
}
