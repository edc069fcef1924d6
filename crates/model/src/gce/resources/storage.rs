//! Objects in buckets of Cloud Storage.

use crate::graph::reference::resource;
use crate::{ManagedFile, Ref};

resource! {
    /// A managed file that is in Cloud Storage.
    pub struct BucketObject {
        /// The file.
        pub file: ManagedFile,
    }

    /// Who may access an object of a bucket with fine-grained access control.
    pub struct BucketObjectAcl {
        /// The bucket.
        pub bucket: String,
        /// The object.
        pub object: Ref<BucketObject>,
        /// `ROLE:ENTITY`, in the order of the bucket's default list.
        pub role_entity: Vec<String>,
    }
}
