//! Service accounts of instances and their roles.

use crate::graph::reference::{resource, without_references};
use crate::{Ref, Text};

resource! {
    /// The identity of the instances of a role.
    pub struct ServiceAccount {
        /// The part of its address before the `@`.
        pub account_id: Text,
        /// The project it belongs to.
        pub project: String,
        /// The role of the instances.
        pub display_name: String,
        /// What the instances are.
        pub description: String,
    }

    /// Who has a role in a project. It is authoritative: the role is taken from all others.
    pub struct ProjectIamBinding {
        /// The project.
        pub project: String,
        /// The role, `roles/…`.
        pub role: String,
        /// The one member.
        pub member: Ref<ServiceAccount>,
    }

    /// One who has a role on a bucket.
    pub struct BucketIamMember {
        /// The name of the bucket.
        pub bucket: String,
        /// The role.
        pub role: BucketRole,
        /// The member.
        pub member: Ref<ServiceAccount>,
    }
}

/// A role on a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BucketRole {
    /// Reads objects.
    ObjectViewer,
    /// Reads and writes objects.
    ObjectAdmin,
}

impl BucketRole {
    /// Google's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ObjectViewer => "roles/storage.objectViewer",
            Self::ObjectAdmin => "roles/storage.objectAdmin",
        }
    }
}

without_references!(BucketRole);
