//! Files in the state store that instances read at boot and that Terraform uploads.

/// One such file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagedFile {
    /// The resource's name before sanitising: `cluster-completed.spec`, `nodeupconfig-nodes`.
    pub name: String,
    /// The store it lies in, without a trailing slash: `s3://bucket/cluster.example.com`.
    pub base: String,
    /// The key below the base.
    pub key: String,
    /// The content.
    pub content: String,
    /// Whether everyone may read it (OIDC discovery documents of a private bucket).
    pub public: bool,
}
