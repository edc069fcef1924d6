//! The stores that every test runs on: a directory, S3 where moto is available, and Cloud Storage.

use kopsform_state::StateStore;

use super::specs;

/// A store with what keeps it alive.
pub struct Place {
    /// What it is, for messages.
    pub name: &'static str,
    /// The store.
    pub state: StateStore,
    _directory: Option<tempfile::TempDir>,
    #[cfg(any(feature = "aws", feature = "gce"))]
    proxy: Option<super::proxy::Proxy>,
}

impl Place {
    /// Waits for requests of a writer that has ended: a server carries them out nevertheless.
    pub async fn settle(&self) {
        #[cfg(any(feature = "aws", feature = "gce"))]
        if let Some(proxy) = &self.proxy {
            proxy.settle().await;
        }
    }
}

/// A fresh store of each kind.
pub fn places() -> Vec<Place> {
    let directory = tempfile::tempdir().unwrap();
    let state = specs::file_store(&directory.path().join("state"));
    let directory = Place {
        name: "directory",
        state,
        _directory: Some(directory),
        #[cfg(any(feature = "aws", feature = "gce"))]
        proxy: None,
    };
    std::iter::once(directory).chain(in_object_storage()).collect()
}

/// New buckets. moto looks and writes in two steps; behind the proxy a write with a condition is one, as it is in S3.
#[cfg(any(feature = "aws", feature = "gce"))]
fn in_object_storage() -> Vec<Place> {
    let place = |server: super::servers::Server| {
        let proxy = super::proxy::Proxy::passing(&server.address);
        let state = server.state_store(&proxy.address);
        Place { name: server.name, state, _directory: None, proxy: Some(proxy) }
    };
    super::servers::servers().into_iter().map(place).collect()
}

#[cfg(not(any(feature = "aws", feature = "gce")))]
fn in_object_storage() -> Vec<Place> {
    Vec::new()
}
