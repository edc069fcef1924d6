//! What can go wrong with roles and policies.

use super::StatementError;
use crate::facts::HostedZoneError;
use kopsform_diagnostics::Explain;
use kopsform_spec::address::S3LocationError;
use kopsform_spec::v1alpha2::InstanceGroupRole;

/// Why roles and policies cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IamError {
    /// The account was not looked up.
    #[error("the AWS account is not known")]
    UnknownAccount,
    /// The hosted zone was not looked up, or there is no single one.
    #[error("spec.dnsZone: {0}")]
    HostedZone(#[from] HostedZoneError),
    /// Configuration or backups are not in S3.
    #[error(transparent)]
    Location(#[from] S3LocationError),
    /// Statements that a user wrote are not a policy.
    #[error("{path}: {source}")]
    Statements {
        /// The field.
        path: String,
        /// What is wrong with them.
        source: StatementError,
    },
    /// One instance profile is given to groups of different roles.
    #[error("instance profile {profile:?} is given to groups of role {} and of role {}", first.display_name(), second.display_name())]
    ProfileOfSeveralRoles {
        /// The profile.
        profile: String,
        /// The role of the first group.
        first: InstanceGroupRole,
        /// The role of another one.
        second: InstanceGroupRole,
    },
    /// An instance profile has no name.
    #[error("InstanceGroup/{group}: spec.iam.profile: {profile:?} does not end in the name of an instance profile")]
    ProfileWithoutName {
        /// The group.
        group: String,
        /// Its value.
        profile: String,
    },
    /// A service account has a wildcard in its name.
    #[error("spec.iam.serviceAccountExternalPermissions: the name {name:?} must not hold a wildcard")]
    ServiceAccountWildcard {
        /// The name.
        name: String,
    },
    /// Service accounts have roles, but their tokens have no issuer.
    #[error("spec.kubeAPIServer.serviceAccountIssuer: the cluster has no issuer of service account tokens")]
    NoIssuer,
    /// The keys that sign service account tokens cannot be read.
    #[error("keyset {keyset} cannot be read: {reason}")]
    SigningKey {
        /// The keyset.
        keyset: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

impl Explain for IamError {
    fn hints(&self) -> Vec<String> {
        let hint = match self {
            Self::UnknownAccount => "record it with `kopsform lock` where AWS can be reached",
            Self::HostedZone(error) => return error.hints(),
            Self::Location(_) => "set spec.configBase and the backup stores of etcd to s3:// addresses",
            Self::ProfileOfSeveralRoles { .. } => "give the groups of each role a profile of their own",
            Self::ServiceAccountWildcard { .. } => "only the namespace may hold wildcards",
            Self::Statements { .. } | Self::ProfileWithoutName { .. } | Self::NoIssuer | Self::SigningKey { .. } => {
                return Vec::new();
            }
        };
        vec![hint.to_owned()]
    }
}
