//! etcd's volumes.

use super::Tags;
use crate::graph::reference::resource;

resource! {
    /// A volume that an etcd member keeps its data on.
    pub struct EbsVolume {
        /// The availability zone, `us-east-1a`.
        pub zone: String,
        /// Such as `gp3`.
        pub volume_type: String,
        /// GiB.
        pub size: i64,
        /// Operations a second, for types that have them.
        pub iops: Option<i64>,
        /// MiB a second, for types that have it.
        pub throughput: Option<i64>,
        pub encrypted: bool,
        /// The key it is encrypted with.
        pub kms_key: Option<String>,
        /// Tags, by which etcd-manager finds it.
        pub tags: Tags,
    }
}
