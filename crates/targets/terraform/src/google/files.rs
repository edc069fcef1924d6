//! Files in buckets of Cloud Storage.

use crate::block::{AttributeOf, Block, Body, Provider};
use crate::layout::FILES_FILE;
use crate::providers::GOOGLE;
use crate::readable::place::{CLUSTER, Place};
use crate::renderer::key_text;
use kopsform_model::gce::resources::{BucketObject, BucketObjectAcl};
use kopsform_spec::address::StoreUrl;

impl Block for BucketObject {
    const TYPE: &'static str = "google_storage_bucket_object";
    const FILE: &'static str = FILES_FILE;

    fn place(&self, name: &str) -> Place {
        Place::each(CLUSTER, name)
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        let file = &self.file;
        if let Ok(StoreUrl::Gs { bucket, prefix }) = StoreUrl::parse(&file.base) {
            let key = if prefix.is_empty() { file.key.clone() } else { format!("{prefix}/{}", file.key) };
            let key = key_text(&key, body.cluster());
            body.set("bucket", bucket).set("name", key);
        }
        // A configuration of the provider without a project, since the bucket may be in another one.
        body.set("provider", Provider(GOOGLE, "files")).path("source", "content", file.content.as_str());
    }
}

impl Block for BucketObjectAcl {
    const TYPE: &'static str = "google_storage_object_acl";
    const FILE: &'static str = FILES_FILE;

    fn place(&self, name: &str) -> Place {
        Place::each(CLUSTER, name)
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("bucket", &self.bucket)
            .set("object", AttributeOf(&self.object, "output_name"))
            .set("provider", Provider(GOOGLE, "files"))
            .set("role_entity", &self.role_entity);
    }
}
