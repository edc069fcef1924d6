//! Why an instance's configuration cannot be made.

use kopsform_diagnostics::Explain;
use kopsform_spec::versions::ParseVersionError;

/// Why an instance's configuration cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NodeupError {
    /// The hash of a file that instances download is not known.
    #[error("the SHA-256 of {url} is not known")]
    NoHash {
        /// The download address.
        url: String,
    },
    /// An invalid SHA-256.
    #[error("{hash:?} is not the SHA-256 of {url} in hex")]
    BadHash {
        /// The download address.
        url: String,
        /// What was given.
        hash: String,
    },
    /// A version of a tool for which there are no downloads.
    #[error("no download of {tool} {version:?}: {reason}")]
    NoDownload {
        /// `containerd`, `runc`.
        tool: &'static str,
        /// The version in the spec.
        version: String,
        /// Why.
        reason: &'static str,
    },
    /// The addons' manifests, which list the images of a warm pool, cannot be built.
    #[error("the images of the addons are not known: {0}")]
    Addons(String),
    /// A keyset that is not in the state store.
    #[error("keyset {0} is missing from the state store")]
    NoKeyset(String),
    /// A keyset that cannot be read.
    #[error("keyset {name} cannot be used: {reason}")]
    BadKeyset {
        /// Its name.
        name: String,
        /// Why.
        reason: String,
    },
    /// A Kubernetes version that cannot be read.
    #[error("spec.kubernetesVersion: {0}")]
    BadVersion(#[from] ParseVersionError),
    /// User data that the cloud does not take.
    #[error("the user data of instance group {group} has {length} bytes, {service} takes {limit}")]
    UserDataTooLong {
        /// The group.
        group: String,
        /// What takes it: EC2 or Compute Engine.
        service: &'static str,
        /// How long it is, in bytes.
        length: usize,
        /// How long it may be, in bytes.
        limit: usize,
        /// Whether it is compressed already.
        compressed: bool,
    },
    /// Something in the spec that cannot be expressed.
    #[error("{0}")]
    Invalid(String),
    /// The configuration cannot be written.
    #[error("the configuration cannot be represented: {0}")]
    Representation(String),
}

impl From<serde_json::Error> for NodeupError {
    fn from(error: serde_json::Error) -> Self {
        Self::Representation(error.to_string())
    }
}

impl Explain for NodeupError {
    fn hints(&self) -> Vec<String> {
        let hint = match self {
            Self::NoHash { url } => format!(
                "is this version released? `kopsform lock` reads {url}.sha256; or add it under \"assets\" in the lock file"
            ),
            Self::BadHash { url, .. } => {
                format!("write what {url}.sha256 says, 64 hexadecimal digits, or leave it out where it is published there")
            }
            Self::NoDownload { .. } => "leave the version out to get the recommended one".to_owned(),
            Self::NoKeyset(_) => "run `kopsform update cluster` without --no-create-keys to make it".to_owned(),
            Self::UserDataTooLong { compressed: false, .. } => {
                "set spec.compressUserData: true, or move spec.additionalUserData to a file that instances download"
                    .to_owned()
            }
            Self::UserDataTooLong { compressed: true, .. } => {
                "move spec.additionalUserData to a file that instances download, or to spec.fileAssets, which do not count"
                    .to_owned()
            }
            _ => return Vec::new(),
        };
        vec![hint]
    }
}
