//! Opens stores by URL, with the object storage this program was built with.

use std::sync::Arc;

use crate::ops::clouds::object_storage;
use kopsform_env::Environment;
use kopsform_state::{OpenError, StateStore, Store, StoreUrl};

/// The state store at a URL. No request is made yet.
///
/// # Errors
/// If the URL is malformed or of a store in memory, or this program was built without support for its scheme.
pub fn open_state(url: &str, environment: &Environment) -> Result<StateStore, OpenError> {
    lasting(url)?;
    StateStore::open(url, object_storage(environment))
}

/// The store at a URL. No request is made yet.
///
/// # Errors
/// As for [`open_state`].
pub fn open(url: &str, environment: &Environment) -> Result<Arc<dyn Store>, OpenError> {
    object_storage(environment).store(&lasting(url)?)
}

/// The address of a store that outlives this command.
fn lasting(url: &str) -> Result<StoreUrl, OpenError> {
    match StoreUrl::parse(url)? {
        StoreUrl::Memory(_) => Err(OpenError::InMemory(url.to_owned())),
        lasting => Ok(lasting),
    }
}
