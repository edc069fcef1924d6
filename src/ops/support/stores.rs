//! Opens stores by URL, with the object storage this program was built with.

use std::sync::Arc;

use kopsform_env::Environment;
use kopsform_state::{Backends, OpenError, StateStore, Store, StoreUrl};

/// The object storage this program was built with. No request is made yet.
pub fn backends(environment: &Environment) -> Backends {
    #[cfg(feature = "aws")]
    return Backends { s3: Some(Arc::new(kopsform_aws::S3::new(environment))) };
    #[cfg(not(feature = "aws"))]
    {
        let _ = environment;
        Backends::default()
    }
}

/// The state store at a URL. No request is made yet.
///
/// # Errors
/// If the URL is malformed, or this program was built without support for its scheme.
pub fn open_state(url: &str, environment: &Environment) -> Result<StateStore, OpenError> {
    StateStore::open(url, backends(environment))
}

/// The store at a URL. No request is made yet.
///
/// # Errors
/// As for [`open_state`].
pub fn open(url: &str, environment: &Environment) -> Result<Arc<dyn Store>, OpenError> {
    backends(environment).store(&StoreUrl::parse(url)?)
}
