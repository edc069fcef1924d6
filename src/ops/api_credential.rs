//! Administrator credentials for the Kubernetes API of a cluster, and its address.

use std::time::Duration;

use kopsform_diagnostics::Explain;
use kopsform_env::{self as env, Environment};
use kopsform_pki::{Certificate, KeySource, Keyset, PkiError, PrivateKey, Subject, issue_client};
use kopsform_spec::v1alpha2::{Cluster, LoadBalancerAccess, LoadBalancerClass};
use kopsform_state::{ClusterStore, ReadError};

/// The keyset that signs the credentials the API server accepts.
pub const AUTHORITY: &str = "kubernetes-ca";

/// The group with all permissions.
const ADMINISTRATORS: &str = "system:masters";

/// The default lifetime of an administrator's credential.
pub const DEFAULT_LIFETIME: Duration = Duration::from_secs(18 * 3600);

/// Why no credential could be issued.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// The keyset could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The keyset that signs credentials does not exist; with the cluster's name.
    #[error("cannot find keyset {AUTHORITY} of cluster {0:?}")]
    NoAuthority(String),
    /// The certificate could not be issued.
    #[error("cannot issue a credential for the Kubernetes API")]
    Issue(#[from] PkiError),
}

impl Explain for CredentialError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Read(error) => error.hints(),
            Self::Issue(error) => error.hints(),
            Self::NoAuthority(_) => {
                vec!["run `kopsform update cluster` to create missing keysets, or use --use-kubeconfig".to_owned()]
            }
        }
    }
}

/// The keyset that signs the credentials a cluster's API server accepts.
///
/// # Errors
/// When it cannot be read or does not exist.
pub async fn authority(store: &ClusterStore) -> Result<Keyset, CredentialError> {
    let keyset = store.keyset(AUTHORITY).await?;
    Ok(keyset.ok_or_else(|| CredentialError::NoAuthority(store.name().to_owned()))?.object)
}

/// A new client certificate of an administrator, with its key.
///
/// # Errors
/// When the keyset has no usable signer, or the certificate cannot be issued.
pub fn issue(
    authority: &Keyset,
    lifetime: Duration,
    source: &dyn KeySource,
    environment: &Environment,
) -> Result<(Certificate, PrivateKey), PkiError> {
    let (certificate, key) = authority.signer()?;
    let user = environment.get(env::USER).map(|user| format!("-{user}")).unwrap_or_default();
    let subject = Subject {
        common_name: format!("kubecfg{user}"),
        organization: Some(ADMINISTRATORS.to_owned()),
        serial_number: None,
    };
    issue_client(source, &subject, lifetime, (&certificate, &key))
}

/// The load balancer of the API in the spec.
pub fn load_balancer(cluster: &Cluster) -> Option<&LoadBalancerAccess> {
    cluster.spec.api.as_ref().and_then(|api| api.load_balancer.as_ref())
}

/// Whether the API presents a certificate of the cluster's own authority. A classic load balancer with its own certificate
/// presents that one.
pub fn serves_own_certificate(cluster: &Cluster) -> bool {
    load_balancer(cluster).is_none_or(|b| b.ssl_certificate.is_empty() || b.class == Some(LoadBalancerClass::Network))
}

/// The name in the certificate of the API, and its address inside the network.
pub fn internal_name(cluster: &Cluster) -> String {
    format!("api.internal.{}", cluster.metadata.name)
}

/// The address of the API: its load balancer's if that was found, else its public name.
///
/// The first port of a network load balancer with its own certificate accepts no client certificates; those use the second.
pub fn server(cluster: &Cluster, load_balancer_host: Option<&str>, with_certificate: bool) -> String {
    let host = match (load_balancer_host, cluster.spec.master_public_name.as_str()) {
        (Some(host), _) => host.to_owned(),
        // As kops on Google Cloud, where no record with the public name is made.
        (None, "") if cluster.is_on_gce() && load_balancer(cluster).is_some() => internal_name(cluster),
        (None, "") => format!("api.{}", cluster.metadata.name),
        (None, name) => name.to_owned(),
    };
    let host = if host.parse::<std::net::Ipv6Addr>().is_ok() { format!("[{host}]") } else { host };
    let second_port = with_certificate
        && load_balancer(cluster)
            .is_some_and(|b| !b.ssl_certificate.is_empty() && b.class == Some(LoadBalancerClass::Network));
    format!("https://{host}{}", if second_port { ":8443" } else { "" })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn cluster(spec: &str) -> Cluster {
        kopsform_yaml::from_str("test", &format!("metadata: {{name: demo.example.com}}\nspec: {spec}")).unwrap()
    }

    #[test]
    fn the_address_follows_the_spec() {
        let plain = cluster("{}");
        assert_eq!(server(&plain, None, true), "https://api.demo.example.com");
        assert_eq!(server(&plain, Some("lb.aws"), true), "https://lb.aws");
        let named = cluster("{masterPublicName: 'fd00::1'}");
        assert_eq!(server(&named, None, false), "https://[fd00::1]");
        let on_google = cluster("{cloudProvider: gce, api: {loadBalancer: {type: Public}}}");
        assert_eq!(server(&on_google, Some("203.0.113.5"), true), "https://203.0.113.5");
        assert_eq!(server(&on_google, None, true), "https://api.internal.demo.example.com");
        let with_certificate = cluster("{api: {loadBalancer: {class: Network, type: Public, sslCertificate: arn}}}");
        assert_eq!(server(&with_certificate, Some("lb.aws"), true), "https://lb.aws:8443");
        assert_eq!(server(&with_certificate, Some("lb.aws"), false), "https://lb.aws");
        assert!(serves_own_certificate(&with_certificate));
        assert!(!serves_own_certificate(&cluster("{api: {loadBalancer: {type: Public, sslCertificate: arn}}}")));
    }
}
