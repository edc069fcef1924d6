//! AWS for target direct: finds what exists for tasks and changes it. A file for each kind of resource, with finding, creating,
//! changing and deleting together.

mod autoscaling_group;
mod classic_load_balancer;
mod dhcp_options;
mod elastic_ip;
mod event_rule;
mod gateways;
mod iam_role;
mod iam_role_policy;
mod instance_profile;
mod key_pair;
mod launch_template;
mod lifecycle_hook;
mod listener;
mod nat_gateway;
mod network_load_balancer;
mod oidc_provider;
mod queue;
mod records;
pub(crate) mod revision;
mod route_table;
mod security_group;
mod security_group_rule;
mod subnet;
mod support;
mod target_group;
mod volume;
mod vpc;
mod warm_pool;

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;

use crate::{Clients, ClusterResources};
use kopsform_direct::placeholders::Placeholder;
use kopsform_direct::{Attributes, Cloud, CloudError, Found, Operation, Residue, Task, TaskId, TaskKind};
use kopsform_model::Graph;
use kopsform_rolling::ports::ApiError;

use support::{boxed, internal, unchanged};

/// The account of one cluster, for target direct.
pub struct DirectCloud {
    clients: Clients,
    graph: Graph,
    /// Load balancers that replace others.
    revisions: Mutex<BTreeMap<TaskId, String>>,
}

impl DirectCloud {
    /// The cluster of a graph. No request is made yet.
    pub fn new(clients: Clients, graph: Graph) -> Self {
        Self { clients, graph, revisions: Mutex::default() }
    }

    /// The same cluster, for what deletions have in common with those of whole clusters.
    fn resources(&self) -> ClusterResources {
        ClusterResources::new(self.clients.clone(), self.cluster())
    }
}

/// What is searched for: the tasks of a graph.
struct Search<'a> {
    cloud: &'a DirectCloud,
    tasks: &'a [Task],
}

/// Subnets, and what is found by them.
async fn find_subnets(search: &Search<'_>) -> Result<Found, ApiError> {
    let (mut found, tables, gateways) =
        futures::try_join!(subnet::find(search), route_table::describe(search), nat_gateway::describe(search))?;
    route_table::add(search, &tables, &mut found)?;
    nat_gateway::add(search, &gateways, &mut found)?;
    Ok(found)
}

/// Network load balancers, and the target groups of the same revision.
async fn find_load_balancers(search: &Search<'_>) -> Result<Found, ApiError> {
    let mut found = network_load_balancer::find(search).await?;
    target_group::find(search, &mut found).await?;
    Ok(found)
}

#[async_trait]
impl Cloud for DirectCloud {
    async fn find(&self, tasks: &[Task]) -> Result<Found, ApiError> {
        let search = Search { cloud: self, tasks };
        let search = &search;
        let parts = futures::future::try_join_all([
            boxed(vpc::find(search)),
            boxed(dhcp_options::find(search)),
            boxed(find_subnets(search)),
            boxed(gateways::find(search)),
            boxed(elastic_ip::find(search)),
            boxed(security_group::find(search)),
            boxed(key_pair::find(search)),
            boxed(volume::find(search)),
            boxed(launch_template::find(search)),
            boxed(autoscaling_group::find(search)),
            boxed(iam_role::find(search)),
            boxed(instance_profile::find(search)),
            boxed(oidc_provider::find(search)),
            boxed(find_load_balancers(search)),
            boxed(classic_load_balancer::find(search)),
            boxed(records::find(search)),
            boxed(queue::find(search)),
            boxed(event_rule::find(search)),
        ])
        .await?;
        let mut found = Found::default();
        parts.into_iter().for_each(|part| found.extend(part));
        autoscaling_group::find_surplus(search, &mut found);
        event_rule::forget_lost_targets(search, &mut found);
        Ok(found)
    }

    fn aim_at(&mut self, graph: Graph) {
        self.graph = graph;
    }

    async fn create(&self, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
        match operation.task.id.kind {
            TaskKind::Vpc => vpc::create(self, operation).await,
            TaskKind::VpcIpv6Block => vpc::create_ipv6_block(self, operation).await,
            TaskKind::VpcCidrBlock => vpc::create_cidr_block(self, operation).await,
            TaskKind::DhcpOptions => dhcp_options::create(self, operation).await,
            TaskKind::DhcpOptionsAssociation => vpc::associate_dhcp_options(self, operation).await,
            TaskKind::Subnet => subnet::create(self, operation).await,
            TaskKind::InternetGateway => gateways::create_internet(self, operation).await,
            TaskKind::EgressOnlyInternetGateway => gateways::create_egress_only(self, operation).await,
            TaskKind::ElasticIp => elastic_ip::create(self, operation).await,
            TaskKind::NatGateway => nat_gateway::create(self, operation).await,
            TaskKind::RouteTable => route_table::create(self, operation).await,
            TaskKind::RouteTableAssociation => route_table::associate(self, operation).await,
            TaskKind::Route => route_table::create_route(self, operation).await,
            TaskKind::SecurityGroup => security_group::create(self, operation).await,
            TaskKind::SecurityGroupRule => security_group_rule::create(self, operation).await,
            TaskKind::KeyPair => key_pair::create(self, operation).await,
            TaskKind::EbsVolume => volume::create(self, operation).await,
            TaskKind::LaunchTemplate => launch_template::create(self, operation).await,
            TaskKind::AutoscalingGroup => autoscaling_group::create(self, operation).await,
            TaskKind::LifecycleHook => lifecycle_hook::put(self, operation).await,
            TaskKind::WarmPool => warm_pool::put(self, operation).await,
            TaskKind::IamRole => iam_role::create(self, operation).await,
            TaskKind::IamRolePolicy => iam_role_policy::put(self, operation).await,
            TaskKind::InstanceProfile => instance_profile::create(self, operation).await,
            TaskKind::InstanceProfileRole => instance_profile::add_role(self, operation).await,
            TaskKind::OidcProvider => oidc_provider::create(self, operation).await,
            TaskKind::NetworkLoadBalancer => network_load_balancer::create(self, operation).await,
            TaskKind::Listener => listener::create(self, operation).await,
            TaskKind::TargetGroup => target_group::create(self, operation).await,
            TaskKind::ClassicLoadBalancer => classic_load_balancer::create(self, operation).await,
            TaskKind::HostedZone => records::associate_zone(self, operation).await,
            TaskKind::DnsRecord => records::upsert(self, operation).await,
            TaskKind::Queue => queue::create(self, operation).await,
            TaskKind::EventRule => event_rule::put(self, operation).await,
            TaskKind::EventTarget => event_rule::put_target(self, operation).await,
            kind @ (TaskKind::Address
            | TaskKind::BackendService
            | TaskKind::BucketIamMember
            | TaskKind::Disk
            | TaskKind::FirewallRule
            | TaskKind::ForwardingRule
            | TaskKind::HealthCheck
            | TaskKind::HttpHealthCheck
            | TaskKind::InstanceGroupManager
            | TaskKind::InstanceTemplate
            | TaskKind::Network
            | TaskKind::PoolHealthCheck
            | TaskKind::ProjectIamBinding
            | TaskKind::Router
            | TaskKind::ServiceAccount
            | TaskKind::TargetPool) => Err(internal(format!("{} is in Google Cloud, not in AWS", kind.as_str()))),
            kind @ (TaskKind::AddonManifest
            | TaskKind::BootstrapChannel
            | TaskKind::ManagedFile
            | TaskKind::Keypair
            | TaskKind::Secret) => Err(internal(format!("{} is in the state store, not in AWS", kind.as_str()))),
        }
    }

    async fn update(&self, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
        match operation.task.id.kind {
            TaskKind::Vpc => vpc::update(self, operation).await,
            TaskKind::DhcpOptionsAssociation => vpc::associate_dhcp_options(self, operation).await,
            TaskKind::Subnet => subnet::update(self, operation).await,
            TaskKind::InternetGateway => gateways::update_internet(self, operation).await,
            TaskKind::DhcpOptions
            | TaskKind::EgressOnlyInternetGateway
            | TaskKind::ElasticIp
            | TaskKind::RouteTable
            | TaskKind::SecurityGroup
            | TaskKind::SecurityGroupRule
            | TaskKind::KeyPair => support::update_tags(self, operation).await,
            TaskKind::NatGateway => nat_gateway::update(self, operation).await,
            TaskKind::RouteTableAssociation => route_table::associate(self, operation).await,
            TaskKind::Route => route_table::replace_route(self, operation).await,
            TaskKind::EbsVolume => volume::update(self, operation).await,
            TaskKind::LaunchTemplate => launch_template::update(self, operation).await,
            TaskKind::AutoscalingGroup => autoscaling_group::update(self, operation).await,
            TaskKind::LifecycleHook => lifecycle_hook::put(self, operation).await,
            TaskKind::WarmPool => warm_pool::put(self, operation).await,
            TaskKind::IamRole => iam_role::update(self, operation).await,
            TaskKind::IamRolePolicy => iam_role_policy::put(self, operation).await,
            TaskKind::InstanceProfile => instance_profile::update(self, operation).await,
            TaskKind::InstanceProfileRole => instance_profile::replace_role(self, operation).await,
            TaskKind::OidcProvider => oidc_provider::update(self, operation).await,
            TaskKind::NetworkLoadBalancer => network_load_balancer::update(self, operation).await,
            TaskKind::Listener => listener::update(self, operation).await,
            TaskKind::TargetGroup => target_group::update(self, operation).await,
            TaskKind::ClassicLoadBalancer => classic_load_balancer::update(self, operation).await,
            TaskKind::HostedZone => records::associate_zone(self, operation).await,
            TaskKind::DnsRecord => records::upsert(self, operation).await,
            TaskKind::Queue => queue::update(self, operation).await,
            TaskKind::EventRule => event_rule::put(self, operation).await,
            // These have no field that changes.
            TaskKind::VpcIpv6Block | TaskKind::VpcCidrBlock | TaskKind::EventTarget => unchanged(operation),
            kind @ (TaskKind::Address
            | TaskKind::BackendService
            | TaskKind::BucketIamMember
            | TaskKind::Disk
            | TaskKind::FirewallRule
            | TaskKind::ForwardingRule
            | TaskKind::HealthCheck
            | TaskKind::HttpHealthCheck
            | TaskKind::InstanceGroupManager
            | TaskKind::InstanceTemplate
            | TaskKind::Network
            | TaskKind::PoolHealthCheck
            | TaskKind::ProjectIamBinding
            | TaskKind::Router
            | TaskKind::ServiceAccount
            | TaskKind::TargetPool) => Err(internal(format!("{} is in Google Cloud, not in AWS", kind.as_str()))),
            kind @ (TaskKind::AddonManifest
            | TaskKind::BootstrapChannel
            | TaskKind::ManagedFile
            | TaskKind::Keypair
            | TaskKind::Secret) => Err(internal(format!("{} is in the state store, not in AWS", kind.as_str()))),
        }
    }

    async fn delete(&self, operation: &Operation<'_>) -> Result<(), CloudError> {
        match operation.task.id.kind {
            TaskKind::LifecycleHook => lifecycle_hook::delete(self, operation).await,
            TaskKind::IamRolePolicy => iam_role_policy::delete(self, operation).await,
            TaskKind::IamRole => iam_role::delete(self, &operation.task.id.name).await,
            TaskKind::EventRule => event_rule::delete(self, &operation.task.id.name).await,
            kind => Err(internal(format!("no update deletes {}", kind.as_str()))),
        }
    }

    async fn remove(&self, residue: &Residue) -> Result<(), CloudError> {
        match residue.kind {
            security_group_rule::RESIDUE => security_group_rule::remove(self, &residue.handle).await,
            launch_template::RESIDUE => launch_template::remove(self, &residue.handle).await,
            vpc::RESIDUE => vpc::remove_cidr_block(self, &residue.handle).await,
            network_load_balancer::RESIDUE => network_load_balancer::remove(self, &residue.handle).await,
            network_load_balancer::CLASSIC_RESIDUE => classic_load_balancer::remove(self, &residue.handle).await,
            target_group::RESIDUE => target_group::remove(self, &residue.handle).await,
            subnet::RESIDUE => subnet::remove_block(self, &residue.handle).await,
            autoscaling_group::RESIDUE => autoscaling_group::detach(self, &residue.handle).await,
            kind => Err(internal(format!("no update deletes {kind}"))),
        }
    }

    async fn create_placeholder_records(&self, zone: &str, records: &[Placeholder]) -> Result<Vec<String>, ApiError> {
        records::create_placeholders(self, zone, records).await
    }
}
