//! AWS permissions: roles of instances by their group's role, roles of service accounts, and the OIDC provider by
//! which AWS knows the cluster's tokens, with the documents it reads.
//!
//! [`Permissions`] gathers what [`Component`]s and nodes may do and makes a [`PolicyDocument`] of it; [`build`] adds the
//! roles, policies and instance profiles to the graph.

mod build;
mod components;
mod document;
mod error;
mod issuer_discovery;
mod oidc_provider;
mod permissions;
mod roles;
mod service_accounts;
mod state_store;

pub use build::{build, instance_profile};
pub use document::{Conditions, Effect, PolicyDocument, Principal, Statement, StatementError, Values};
pub use error::IamError;
pub use issuer_discovery::issuer_documents;
pub use permissions::Permissions;
pub use service_accounts::{Component, role_arn, role_name};

use crate::Context;
use crate::facts::{hosted_zone_named, region_of};
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup};

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
            Some(hosted_zone_named(facts, &cluster.spec.dns_zone, cluster.dns_type())?)
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
