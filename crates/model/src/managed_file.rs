//! Files in the state store that instances read at boot and that Terraform uploads.

use super::graph::{Graph, GraphError};
use super::lifecycle::Layer;
use super::value::{DataFile, ProviderAlias};
use crate::aws::resources::S3Object;
use crate::facts::Facts;
use kopsform_env::{self as env, Environment};
use kopsform_spec::address::S3Location;

/// One such file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
    /// What it is.
    pub kind: FileKind,
}

/// What a managed file is, by which lifecycle overrides tell them apart.
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

impl ManagedFile {
    /// Where it lies.
    ///
    /// # Errors
    /// [`GraphError::NotInS3`] when the base is no `s3://` path.
    pub fn location(&self) -> Result<S3Location, GraphError> {
        let base = S3Location::parse(&self.base)
            .map_err(|_| GraphError::NotInS3 { name: self.name.clone(), base: self.base.clone() })?;
        Ok(base.join(&self.key))
    }
}

impl Graph {
    /// Adds a managed file as an object in its bucket, with the provider of the bucket's region.
    ///
    /// A bucket that is not among the facts is taken to be in the cluster's region without encryption of its own.
    ///
    /// # Errors
    /// When it does not lie in S3, its bucket lies in another region than those before, or its name is taken.
    pub fn add_file(
        &mut self,
        layer: Layer,
        file: &ManagedFile,
        facts: &Facts,
        environment: &Environment,
    ) -> Result<(), GraphError> {
        let S3Location { bucket, key } = file.location()?;
        let fact = facts.buckets.get(&bucket);
        let region = fact.map_or(self.provider.region.as_str(), |fact| fact.region.as_str()).to_owned();
        let public = || file.public.then(|| "public-read".to_owned());
        let object = S3Object {
            acl: environment.get(env::KOPS_STATE_S3_ACL).map(|acl| acl.trim().to_owned()).or_else(public),
            bucket,
            content: DataFile::text("content", file.content.clone()),
            key,
            provider: ProviderAlias::Files,
            server_side_encryption: (!fact.is_some_and(|fact| fact.default_encryption)).then(|| "AES256".to_owned()),
        };
        if !self.add_by(layer, file.kind.task(), &file.name, object)? {
            return Ok(());
        }
        if self.files_provider.region.is_empty() {
            self.files_provider.region = region;
        } else if self.files_provider.region != region {
            return Err(GraphError::SeveralBucketRegions(self.files_provider.region.clone(), region));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::facts::BucketFact;

    fn file(base: &str, key: &str) -> ManagedFile {
        ManagedFile {
            name: "f".into(),
            base: base.into(),
            key: key.into(),
            content: String::new(),
            ..ManagedFile::default()
        }
    }

    #[test]
    fn a_base_names_a_bucket_and_the_start_of_the_key() {
        let location = file("s3://b/c.example.com/", "x/y").location().unwrap();
        assert_eq!((location.bucket.as_str(), location.key.as_str()), ("b", "c.example.com/x/y"));
        assert!(matches!(file("file:///b", "x").location(), Err(GraphError::NotInS3 { .. })));
    }

    #[test]
    fn buckets_in_two_regions_are_refused() {
        let mut graph = Graph::default();
        let mut facts = Facts::default();
        for (bucket, region) in [("a", "us-east-1"), ("b", "eu-west-1")] {
            facts.buckets.insert(bucket.into(), BucketFact { region: region.into(), ..BucketFact::default() });
        }
        let environment = Environment::default();
        let mut add = |base: &str, key: &str| {
            let file = ManagedFile { name: key.into(), ..file(base, key) };
            graph.add_file(Layer::Cluster, &file, &facts, &environment)
        };
        add("s3://a", "x").unwrap();
        assert!(matches!(add("s3://b", "y"), Err(GraphError::SeveralBucketRegions(..))));
    }
}
