//! Roles, policies, instance profiles and the OIDC provider of service accounts.

use super::Tags;
use super::define::resource;
use crate::value::{DataFile, Input};

resource! {
    /// A role that instances or service accounts take on.
    IamRole("aws_iam_role", "IAMRole") {
        /// Who may take it on; the file's part is `policy`.
        assume_role_policy: DataFile,
        /// Its name.
        name: String,
        /// The most it may ever do, an ARN.
        permissions_boundary: Option<String>,
        /// Tags.
        tags: Tags,
    }
}

resource! {
    /// What a role may do.
    IamRolePolicy("aws_iam_role_policy", "IAMRolePolicy") {
        /// Its name.
        name: String,
        /// The statements.
        policy: DataFile,
        /// The role's name.
        role: Input,
    }
}

resource! {
    /// Gives a role a policy that exists already.
    IamRolePolicyAttachment("aws_iam_role_policy_attachment", "IAMRolePolicy") {
        /// The policy.
        policy_arn: String,
        /// The role's name.
        role: Input,
    }
}

resource! {
    /// What gives an instance its role.
    IamInstanceProfile("aws_iam_instance_profile", "IAMInstanceProfileRole") {
        /// Its name.
        name: String,
        /// The role's name.
        role: Input,
        /// Tags.
        tags: Tags,
    }
}

resource! {
    /// The cluster as an issuer of identities that IAM trusts.
    IamOpenIdConnectProvider("aws_iam_openid_connect_provider", "IAMOIDCProvider") {
        /// Audiences.
        client_id_list: Vec<String>,
        /// Tags.
        tags: Tags,
        /// SHA-1 fingerprints of the certificates its documents are served with.
        thumbprint_list: Vec<String>,
        /// The issuer.
        url: String,
    }
}
