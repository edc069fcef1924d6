//! Files in the state store that instances read at boot.

use std::collections::BTreeMap;

use crate::facts::Facts;
use crate::graph::reference::without_references;
use crate::{Context, Graph, GraphError, Layer, Text};
use kopsform_env as env;
use kopsform_spec::address::S3Location;

/// A file in the state store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ManagedFile {
    /// The name of its node: `cluster-completed.spec`, `nodeupconfig-nodes`.
    pub name: Text,
    /// The store it is in, without a slash at the end: `s3://bucket/cluster.example.com`.
    pub base: String,
    /// The key below the base.
    pub key: String,
    pub content: String,
    /// Whether everyone may read it (OIDC discovery documents of a private bucket).
    pub public: bool,
    /// What it is, for lifecycle overrides.
    pub kind: FileKind,
    /// How its bucket stores it. [`Graph::add_file`] fills it in.
    pub storage: FileStorage,
}

/// How a file is stored in its bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileStorage {
    /// The region of the bucket.
    pub region: String,
    /// Whether the bucket encrypts objects by itself; otherwise each file asks for encryption.
    pub encrypted_by_bucket: bool,
    /// A canned access list from `KOPS_STATE_S3_ACL`, for every file.
    pub acl: Option<String>,
}

/// What a managed file is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FileKind {
    /// The manifest of an addon.
    Addon,
    /// The list of addons.
    Channel,
    /// Any other.
    #[default]
    Other,
}

impl FileKind {
    /// kops' name of the task that writes it.
    #[must_use]
    pub fn task(self) -> &'static str {
        match self {
            Self::Addon => "AddonManifest",
            Self::Channel => "BootstrapChannel",
            Self::Other => "ManagedFile",
        }
    }
}

without_references!(ManagedFile);

/// Managed files as an earlier run, or kops, wrote them.
///
/// What other files say about a file (`manifestHash`, `NodeupConfigHash`) follows from its bytes. So builders keep earlier bytes
/// that mean the same before they make what depends on them.
#[derive(Debug, Clone)]
pub struct PreviousFiles {
    /// Name of the node → content.
    pub contents: BTreeMap<String, String>,
    /// Whether an earlier content of the file of a name means the same as a new one.
    pub is_equivalent: fn(name: &str, earlier: &str, new: &str) -> bool,
}

impl Context<'_> {
    /// The earlier content of a managed file if it means the same as a new one.
    pub fn earlier(&self, name: &str, content: &str) -> Option<String> {
        let previous = self.previous?;
        let earlier = previous.contents.get(name)?;
        (earlier == content || (previous.is_equivalent)(name, earlier, content)).then(|| earlier.clone())
    }

    /// The earlier content of a managed file if it means the same, else the new one.
    pub fn kept(&self, name: &str, content: String) -> String {
        self.earlier(name, &content).unwrap_or(content)
    }
}

impl Graph {
    /// Adds a managed file with what is known about its bucket.
    ///
    /// A bucket that is not among the facts is taken to be in the cluster's region without encryption of its own.
    ///
    /// # Errors
    /// When there is another file of this name.
    pub fn add_file(&mut self, context: &Context<'_>, file: ManagedFile) -> Result<(), GraphError> {
        let storage = storage(&file.base, &self.region, context.facts, context.environment);
        if file.base.starts_with("gs://") {
            return crate::gce::files::add(self, context.facts, ManagedFile { storage, ..file });
        }
        self.add(Layer::Cluster, file.name.clone(), ManagedFile { storage, ..file }).map(|_| ())
    }
}

fn storage(base: &str, cluster_region: &str, facts: &Facts, environment: &env::Environment) -> FileStorage {
    let fact = S3Location::bucket_of(base).and_then(|bucket| facts.buckets.get(&bucket));
    FileStorage {
        region: fact.map_or(cluster_region, |fact| fact.region.as_str()).to_owned(),
        encrypted_by_bucket: fact.is_some_and(|fact| fact.default_encryption),
        acl: environment.get(env::KOPS_STATE_S3_ACL).map(|acl| acl.trim().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::BucketFact;

    #[test]
    fn buckets_are_in_the_clusters_region_unless_known_otherwise() {
        let mut facts = Facts::default();
        let fact = BucketFact { region: "eu-west-1".into(), default_encryption: true, public: None };
        facts.buckets.insert("known".into(), fact);
        let of = |base| storage(base, "us-east-1", &facts, &env::Environment::default());
        let known = FileStorage { region: "eu-west-1".into(), encrypted_by_bucket: true, acl: None };
        assert_eq!(of("s3://known/a.example.com"), known);
        for base in ["s3://other/a.example.com", "file:///a"] {
            let other = FileStorage { region: "us-east-1".into(), encrypted_by_bucket: false, acl: None };
            assert_eq!(of(base), other, "{base}");
        }
    }
}
