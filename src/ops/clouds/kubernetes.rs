//! The Kubernetes API, through `kopsform-kube`.

use kopsform_env::Environment;
use kopsform_rolling::ports::Kubernetes;

pub use kopsform_kube::{AdminCredential, ConnectError};

/// A client for the context with the cluster's name in the user's kubeconfig; `server` overrides the address.
///
/// # Errors
/// When the kubeconfig cannot be used.
pub async fn from_kubeconfig(
    environment: &Environment,
    context: &str,
    server: Option<&str>,
) -> Result<Box<dyn Kubernetes>, ConnectError> {
    Ok(Box::new(kopsform_kube::from_kubeconfig(environment, context, server).await?))
}

/// A client that authenticates with a client certificate.
///
/// # Errors
/// When the credential is malformed.
pub fn with_credential(
    environment: &Environment,
    credential: &AdminCredential,
) -> Result<Box<dyn Kubernetes>, ConnectError> {
    Ok(Box::new(kopsform_kube::with_credential(credential, environment)?))
}

/// The kubelet versions of the control plane's nodes, through the context with the cluster's name.
///
/// # Errors
/// Why the API could not be used.
pub async fn control_plane_versions(environment: &Environment, context: &str) -> Result<Vec<String>, String> {
    let client = kopsform_kube::from_kubeconfig(environment, context, None).await.map_err(|error| error.to_string())?;
    client.control_plane_versions().await.map_err(|error| error.to_string())
}
