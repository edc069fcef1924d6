//! Opens stores by address.

use std::sync::Arc;

use super::clouds::object_storage;
use kopsform_env::Environment;
use kopsform_state::{OpenError, StateStore, Store, StoreUrl};

/// The state store at an address. No request is made.
///
/// # Errors
/// When the address is malformed, or this build does not support its scheme.
pub fn open_state(url: &str, environment: &Environment) -> Result<StateStore, OpenError> {
    StateStore::open(url, object_storage(environment))
}

/// The store at an address. No request is made.
///
/// # Errors
/// As for [`open_state`].
pub fn open(url: &str, environment: &Environment) -> Result<Arc<dyn Store>, OpenError> {
    object_storage(environment).store(&StoreUrl::parse(url)?)
}
