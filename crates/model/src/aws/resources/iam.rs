//! Roles, policies, instance profiles and the OIDC provider of service accounts.

use super::Tags;
use crate::Text;
use crate::aws::iam::PolicyDocument;
use crate::graph::Ref;
use crate::graph::reference::{resource, without_references};

resource! {
    /// A role that instances or service accounts take on.
    pub struct IamRole {
        /// At most 64 characters.
        pub name: Text,
        /// Who may take it on.
        pub trust: PolicyDocument,
        /// The policy with the most it may ever do, by ARN.
        pub permissions_boundary: Option<String>,
        pub tags: Tags,
    }

    /// What a role may do.
    pub struct IamRolePolicy {
        pub role: Ref<IamRole>,
        pub name: Text,
        pub document: PolicyDocument,
    }

    /// Attaches an existing policy to a role.
    pub struct IamPolicyAttachment {
        pub role: Ref<IamRole>,
        /// The policy, by ARN.
        pub policy: String,
    }

    /// What gives instances their role.
    pub struct InstanceProfile {
        pub name: Text,
        pub role: Ref<IamRole>,
        pub tags: Tags,
    }

    /// The cluster as an issuer of identities that IAM trusts.
    pub struct OidcProvider {
        /// The issuer, with its scheme.
        pub url: Text,
        /// For whom its tokens are, in order.
        pub audiences: Vec<String>,
        /// SHA-1 fingerprints of the certificates that its documents are served with, in order.
        pub thumbprints: Vec<String>,
        pub tags: Tags,
    }
}

without_references!(PolicyDocument);
