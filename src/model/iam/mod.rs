//! AWS permissions: roles of instances by their group's role, roles of service accounts, and the OIDC provider by
//! which AWS knows the cluster's tokens, with the documents it reads.
//!
//! [`Permissions`] gathers what [`Program`]s and nodes may do and makes a [`PolicyDocument`] of it; [`build`] adds the
//! roles, policies and instance profiles to the graph.

mod build;
mod document;
mod issuer_discovery;
mod oidc_provider;
mod permissions;
mod programs;
mod roles;
mod service_accounts;
mod state_store;

pub use build::{build, instance_profile};
pub use document::{Conditions, Effect, PolicyDocument, Principal, Statement, StatementError, Values};
pub use issuer_discovery::issuer_documents;
pub use permissions::Permissions;
pub use service_accounts::{Program, role_arn, role_name};

use super::{Context, S3LocationError};
use crate::api::v1alpha2::{Cluster, InstanceGroup, InstanceGroupRole};
use crate::lookup::{find_hosted_zone, region_of};

/// What policies are made from.
#[derive(Debug, Clone)]
pub struct Scope<'a> {
    /// The completed cluster.
    pub cluster: &'a Cluster,
    /// All its groups.
    pub groups: &'a [InstanceGroup],
    /// The partition of the account: `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: &'a str,
    /// The account, twelve digits.
    pub account: &'a str,
    /// The region.
    pub region: String,
    /// The id of the hosted zone with the cluster's records, without a prefix; `None` where it has no records.
    pub hosted_zone: Option<&'a str>,
}

impl<'a> Scope<'a> {
    /// Takes what is needed from the context.
    ///
    /// # Errors
    /// When the account or the hosted zone was not looked up.
    pub fn of(context: &Context<'a>) -> Result<Self, IamError> {
        let (cluster, facts) = (context.cluster, context.facts);
        let account = facts.account.as_ref().ok_or(IamError::UnknownAccount)?;
        let hosted_zone = if cluster.publishes_dns_records() {
            let zone = &cluster.spec.dns_zone;
            let id = find_hosted_zone(facts, zone, Some(cluster.dns_type()));
            Some(id.ok_or_else(|| IamError::UnknownHostedZone(zone.clone()))?)
        } else {
            None
        };
        Ok(Self {
            cluster,
            groups: context.all_groups,
            partition: &account.partition,
            account: &account.id,
            region: region_of(cluster),
            hosted_zone,
        })
    }

    /// No permissions yet, for this cluster.
    pub fn permissions(&self) -> Permissions<'_> {
        Permissions::new(&self.cluster.metadata.name, self.partition, &self.region)
    }
}

/// Whether nodes get their configuration from kops-controller, not from the state store.
fn uses_kops_controller(cluster: &Cluster) -> bool {
    !cluster.is_gossip() || cluster.uses_load_balancer_for_kops_controller()
}

/// Why roles and policies cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IamError {
    /// The account was not looked up.
    #[error("the AWS account is not known")]
    UnknownAccount,
    /// The hosted zone was not looked up, or there is none.
    #[error("spec.dnsZone: hosted zone {0:?} is not known")]
    UnknownHostedZone(String),
    /// Configuration or backups do not lie in S3.
    #[error(transparent)]
    Location(#[from] S3LocationError),
    /// Statements that a person wrote are no policy.
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
        /// What stands there.
        profile: String,
    },
    /// A service account has a wildcard in its name.
    #[error("spec.iam.serviceAccountExternalPermissions: the name {name:?} must not hold a wildcard")]
    ServiceAccountWildcard {
        /// The name.
        name: String,
    },
    /// Service accounts shall have roles, but their tokens have no issuer.
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
