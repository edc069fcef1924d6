//! Files in the state store.

use crate::block::{Block, Body, Provider};
use crate::layout::FILES_FILE;
use crate::providers::AWS;
use crate::readable::place::{CLUSTER, Place};
use crate::renderer::key_text;
use kopsform_model::ManagedFile;
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
            .set("provider", Provider(AWS, "files"))
            .set("server_side_encryption", (!self.storage.encrypted_by_bucket).then_some("AES256"));
    }
}
