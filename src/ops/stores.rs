//! Stores by their addresses, with the object storage this program was built with.

use std::sync::Arc;

use kopsform_env::Environment;
use kopsform_state::{Backends, OpenError, StateStore, Store, StoreUrl};

/// The object storage this program was built with. Nothing is asked yet.
pub fn backends(environment: &Environment) -> Backends {
    #[cfg(feature = "aws")]
    return Backends { s3: Some(Arc::new(kopsform_aws::S3::new(environment))) };
    #[cfg(not(feature = "aws"))]
    {
        let _ = environment;
        Backends::default()
    }
}

/// The state store at an address, without asking it anything yet.
///
/// # Errors
/// When the address is malformed, or this program was built without what it takes to read it.
pub fn open_state(url: &str, environment: &Environment) -> Result<StateStore, OpenError> {
    StateStore::open(url, backends(environment))
}

/// The store at an address, without asking it anything yet.
///
/// # Errors
/// As for [`open_state`].
pub fn open(url: &str, environment: &Environment) -> Result<Arc<dyn Store>, OpenError> {
    backends(environment).store(&StoreUrl::parse(url)?)
}
