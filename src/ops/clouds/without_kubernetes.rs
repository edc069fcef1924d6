//! A build without the Kubernetes API.

use kopsform_env::Environment;
use kopsform_rolling::ports::Kubernetes;

pub use super::Unsupported as ConnectError;

const NO_KUBERNETES: ConnectError = super::Unsupported::NotBuilt("Kubernetes");

/// Not used in this build.
pub struct AdminCredential {
    pub server: String,
    pub server_name: Option<String>,
    pub authority: Option<String>,
    pub certificate: String,
    pub private_key: zeroize::Zeroizing<String>,
}

pub async fn from_kubeconfig(
    _environment: &Environment,
    _context: &str,
    _server: Option<&str>,
) -> Result<Box<dyn Kubernetes>, ConnectError> {
    Err(NO_KUBERNETES)
}

pub fn with_credential(
    _environment: &Environment,
    _credential: &AdminCredential,
) -> Result<Box<dyn Kubernetes>, ConnectError> {
    Err(NO_KUBERNETES)
}

pub async fn control_plane_versions(_environment: &Environment, _context: &str) -> Result<Vec<String>, String> {
    Ok(Vec::new())
}
