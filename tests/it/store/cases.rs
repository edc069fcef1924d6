//! The stores that every promise is held in: a folder, and S3 where moto is at hand.

use kopsform::state::StateStore;

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
    let mut places = vec![Place { name: "folder", state, _folder: Some(folder) }];
    #[cfg(feature = "aws")]
    if let Some(moto) = super::moto::moto() {
        // moto looks and writes in two steps; behind the proxy a write with a condition is one, as it is in S3.
        let proxy = super::proxy::Proxy::passing(&moto.address);
        let state = super::moto::state_store(&proxy.address, &moto.bucket());
        places.push(Place { name: "S3", state, _folder: None });
    }
    places
}
