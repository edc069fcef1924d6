//! etcd's volumes and the files in the state store.

use super::Tags;
use super::define::resource;
use crate::value::{DataFile, ProviderAlias};

resource! {
    /// A volume that an etcd member keeps its data on.
    EbsVolume("aws_ebs_volume", "EBSVolume") {
        /// Its availability zone.
        availability_zone: String,
        /// Whether it is encrypted.
        encrypted: bool,
        /// Operations a second, where they are paid for.
        iops: Option<i64>,
        /// The key it is encrypted with.
        kms_key_id: Option<String>,
        /// GiB.
        size: i64,
        /// Tags, by which etcd-manager finds it.
        tags: Tags,
        /// MiB a second, where they are paid for.
        throughput: Option<i64>,
        /// `gp3` and the like.
        r#type: String,
    }
}

resource! {
    /// A file in the state store. Made by [`Graph::add_file`](crate::Graph::add_file).
    S3Object("aws_s3_object", "ManagedFile") {
        /// A canned access list, `public-read`.
        acl: Option<String>,
        /// The bucket.
        bucket: String,
        /// The content.
        content: DataFile,
        /// The key.
        key: String,
        /// The provider of the bucket's region.
        provider: ProviderAlias,
        /// `AES256`, unless the bucket encrypts by itself.
        server_side_encryption: Option<String>,
    }
}
