//! Files in the state store that instances read at boot and that Terraform uploads.

use super::graph::{Graph, GraphError};
use super::lifecycle::Layer;
use super::resources::S3Object;
use super::value::{DataFile, ProviderAlias};
use crate::env::{self, Environment};
use crate::lookup::Facts;

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

impl ManagedFile {
    /// The bucket and the key in it.
    ///
    /// # Errors
    /// [`GraphError::NotInS3`] when the base is no `s3://` path.
    pub fn bucket_and_key(&self) -> Result<(&str, String), GraphError> {
        let not_s3 = || GraphError::NotInS3 { name: self.name.clone(), base: self.base.clone() };
        let path = self.base.strip_prefix("s3://").ok_or_else(not_s3)?;
        let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
        if bucket.is_empty() {
            return Err(not_s3());
        }
        let parts = [prefix, &self.key];
        let key: Vec<&str> = parts.iter().map(|part| part.trim_matches('/')).filter(|part| !part.is_empty()).collect();
        Ok((bucket, key.join("/")))
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
        let (bucket, key) = file.bucket_and_key()?;
        let fact = facts.buckets.get(bucket);
        let region = fact.map_or(self.provider.region.as_str(), |fact| fact.region.as_str()).to_owned();
        let public = || file.public.then(|| "public-read".to_owned());
        let object = S3Object {
            acl: environment.get(env::KOPS_STATE_S3_ACL).map(|acl| acl.trim().to_owned()).or_else(public),
            bucket: bucket.to_owned(),
            content: DataFile::text("content", file.content.clone()),
            key,
            provider: ProviderAlias::Files,
            server_side_encryption: (!fact.is_some_and(|fact| fact.default_encryption)).then(|| "AES256".to_owned()),
        };
        if !self.add(layer, &file.name, object)? {
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

    fn file(base: &str, key: &str) -> ManagedFile {
        ManagedFile { name: "f".into(), base: base.into(), key: key.into(), content: String::new(), public: false }
    }

    #[test]
    fn a_base_names_a_bucket_and_the_start_of_the_key() {
        assert_eq!(file("s3://b/c.example.com", "x/y").bucket_and_key().unwrap(), ("b", "c.example.com/x/y".into()));
        assert_eq!(file("s3://b", "x").bucket_and_key().unwrap(), ("b", "x".into()));
        assert!(file("file:///b", "x").bucket_and_key().is_err());
        assert!(file("s3://", "x").bucket_and_key().is_err());
    }
}
