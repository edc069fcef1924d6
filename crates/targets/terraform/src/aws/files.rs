//! Files in the state store.

use crate::block::{Block, Body, Provider};
use crate::layout::FILES_FILE;
use crate::readable::place::{CLUSTER, Place};
use kopsform_model::{ManagedFile, Text};
use kopsform_spec::address::S3Location;

impl Block for ManagedFile {
    const TYPE: &'static str = "aws_s3_object";
    const FILE: &'static str = FILES_FILE;

    fn place(&self, name: &str) -> Place {
        Place::each(if self.public { "public" } else { CLUSTER }, name)
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        let location = S3Location::parse(&self.base).ok().map(|base| base.join(&self.key));
        let key = location.as_ref().map(|location| key_text(&location.key, body.cluster()));
        let acl = self.storage.acl.as_deref().or(self.public.then_some("public-read"));
        body.set("acl", acl)
            .set("bucket", location.map(|location| location.bucket))
            .file("content", "content", self.content.as_str())
            .set("key", key)
            // A configuration of the provider in the region of the bucket.
            .set("provider", Provider("files"))
            .set("server_side_encryption", (!self.storage.encrypted_by_bucket).then_some("AES256"));
    }
}

/// A key in the state store, where each cluster has a directory of its name.
fn key_text(key: &str, cluster: &str) -> Text {
    let mut text = Text::default();
    for (i, component) in key.split('/').enumerate() {
        if i > 0 {
            text.push("/");
        }
        text.push(if component == cluster { Text::cluster_name(cluster) } else { component.into() });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use kopsform_model::Part;

    #[test]
    fn only_the_directory_of_the_cluster_follows_its_name() {
        let key = key_text("x/a.example.com/nota.example.com", "a.example.com");
        assert_eq!(key, "x/a.example.com/nota.example.com");
        assert_eq!(
            key.parts(),
            [
                Part::Literal("x/".to_owned()),
                Part::ClusterName("a.example.com".to_owned()),
                Part::Literal("/nota.example.com".to_owned()),
            ]
        );
    }
}
