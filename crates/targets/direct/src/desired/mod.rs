//! From the graph to tasks: what kops creates, compares and names by itself.

mod dns;
mod events;
mod files;
pub mod gce;
mod iam;
mod instances;
mod load_balancers;
mod network;
mod order;
mod security;
mod storage;

use std::collections::BTreeMap;

use kopsform_model::aws::resources::Tags;
use kopsform_model::gce::network::ExistingNetwork;
use kopsform_model::{Graph, In, Kinded, Lifecycle, Lifecycles, Node, NodeId, Presence, Ref, Resource};
use kopsform_spec::labels::CLUSTER_TAG_PREFIX;

use crate::task::{Expected, Task, TaskId, TaskKind};
use crate::value::Value;

pub use dns::record_target;
pub use instances::{disk_text, spot_text};
pub use load_balancers::{access_log, health_text};
pub use network::{ASSOCIATED_GATEWAY, utility_subnets};

/// What tasks depend on in addition to the graph.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// On Google Cloud, the network and subnets that others own.
    pub existing: ExistingNetwork,
    /// What a run does with tasks that no node of the graph is about.
    pub lifecycles: Lifecycles,
}

/// The tasks of a graph, ordered by id.
pub fn tasks(graph: &Graph, settings: &Settings) -> Vec<Task> {
    let builder = Builder { graph, settings };
    let mut tasks: BTreeMap<TaskId, Task> = BTreeMap::new();
    for (id, node) in graph.nodes() {
        for mut task in builder.tasks_of(id, node) {
            task.lifecycle = lifecycle_of(&task, node);
            tasks.insert(task.id.clone(), task);
        }
    }
    tasks.extend(builder.existing_tasks().into_iter().map(|task| (task.id.clone(), task)));
    order::complete(&mut tasks);
    tasks.into_values().collect()
}

/// What a run does with a task of a node. As in kops, a policy of a bucket that may not be read is a warning.
fn lifecycle_of(task: &Task, node: &Node) -> Lifecycle {
    match (task.id.kind, node.lifecycle) {
        (TaskKind::BucketIamMember, Lifecycle::Sync) => Lifecycle::WarnIfInsufficientAccess,
        (_, lifecycle) => lifecycle,
    }
}

/// What makes tasks from nodes.
struct Builder<'a> {
    graph: &'a Graph,
    settings: &'a Settings,
}

/// The tag of everything that belongs to a cluster or is shared with it.
pub fn cluster_tag(cluster: &str) -> String {
    format!("{CLUSTER_TAG_PREFIX}{cluster}")
}

impl Builder<'_> {
    fn tasks_of(&self, id: &NodeId, node: &Node) -> Vec<Task> {
        let tasks = match &node.resource {
            Resource::Vpc(vpc) => self.vpc(id, node, vpc),
            Resource::VpcCidrBlock(block) => self.vpc_cidr_block(id, block),
            Resource::DhcpOptions(options) => self.dhcp_options(id, options),
            Resource::DhcpOptionsAssociation(association) => self.dhcp_association(id, association),
            Resource::Subnet(subnet) => self.subnet(id, node, subnet),
            Resource::InternetGateway(gateway) => self.internet_gateway(id, node, gateway),
            Resource::EgressOnlyInternetGateway(gateway) => self.egress_only_gateway(id, node, gateway),
            Resource::ElasticIp(address) => self.elastic_ip(id, address),
            Resource::NatGateway(gateway) => self.nat_gateway(id, gateway),
            Resource::RouteTable(table) => self.route_table(id, table),
            Resource::Route(route) => self.route(id, route),
            Resource::RouteTableAssociation(association) => self.route_table_association(id, association),
            Resource::SecurityGroup(group) => self.security_group(id, group),
            Resource::SecurityGroupRule(rule) => self.security_group_rule(id, rule),
            Resource::KeyPair(key) => self.key_pair(id, key),
            Resource::IamRole(role) => self.iam_role(id, role),
            Resource::IamRolePolicy(policy) => self.iam_role_policy(id, policy),
            // Attachments are part of one task for each role.
            Resource::IamPolicyAttachment(_) => Vec::new(),
            Resource::InstanceProfile(profile) => self.instance_profile(id, profile),
            Resource::OidcProvider(provider) => self.oidc_provider(id, provider),
            Resource::EbsVolume(volume) => self.ebs_volume(id, volume),
            Resource::LaunchTemplate(template) => self.launch_template(id, template),
            Resource::AutoscalingGroup(group) => self.autoscaling_group(id, group),
            Resource::LifecycleHook(hook) => self.lifecycle_hook(id, hook),
            Resource::NetworkLoadBalancer(balancer) => self.network_load_balancer(id, balancer),
            Resource::Listener(listener) => self.listener(id, listener),
            Resource::TargetGroup(group) => self.target_group(id, group),
            Resource::ClassicLoadBalancer(balancer) => self.classic_load_balancer(id, balancer),
            // A zone is known by its id, and only its association is ever changed.
            Resource::HostedZone(_) => Vec::new(),
            Resource::HostedZoneAssociation(association) => self.hosted_zone_association(id, association),
            Resource::DnsRecord(record) => self.dns_record(id, record),
            Resource::Queue(queue) => self.queue(id, queue),
            Resource::EventRule(rule) => self.event_rule(id, rule),
            Resource::EventTarget(target) => self.event_target(id, target),
            Resource::ManagedFile(file) => self.managed_file(id, file),
            Resource::BucketObject(object) => self.managed_file(id, &object.file),
            Resource::Network(_) => vec![self.google_network(id)],
            Resource::Subnetwork(subnetwork) => vec![self.subnetwork(id, subnetwork)],
            Resource::Router(router) => vec![self.router(id, router)],
            Resource::FirewallRule(rule) => vec![self.firewall_rule(id, rule)],
            Resource::ServiceAccount(account) => vec![self.service_account(id, account)],
            Resource::ProjectIamBinding(binding) => vec![self.project_binding(id, binding)],
            Resource::BucketIamMember(member) => vec![self.bucket_member(id, member)],
            Resource::PersistentDisk(disk) => vec![self.persistent_disk(id, disk)],
            Resource::InstanceTemplate(template) => self.instance_template(id, template),
            Resource::InstanceGroupManager(manager) => vec![self.instance_group_manager(id, manager)],
            Resource::Address(address) => vec![self.address(id, address)],
            Resource::HttpHealthCheck(check) => vec![self.http_health_check(id, check)],
            Resource::RegionHealthCheck(check) => vec![self.region_health_check(id, check)],
            Resource::TargetPool(pool) => self.target_pool(id, pool),
            Resource::BackendService(backend) => vec![self.backend_service(id, backend)],
            Resource::ForwardingRule(rule) => vec![self.forwarding_rule(id, rule)],
            // Cloud NAT is part of its router, and the store sets who may access an object when it writes it.
            Resource::RouterNat(_) | Resource::BucketObjectAcl(_) => Vec::new(),
        };
        match &node.presence {
            Presence::Managed => tasks,
            Presence::Existing { id } => {
                tasks.into_iter().map(|task| Task { expected: Expected::Existing { id: id.clone() }, ..task }).collect()
            }
        }
    }
}

/// Tags as plain strings.
pub fn plain(tags: &Tags) -> BTreeMap<String, String> {
    tags.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
}

/// Tags that the cloud may hold more of.
fn tags_of_interest(tags: &Tags) -> Value {
    Value::TagsOfInterest(plain(tags))
}

/// Tags that are all there may be.
fn all_tags(tags: &Tags) -> Value {
    Value::Map(plain(tags))
}

/// The task that creates what a reference means.
pub fn task_of<T: Kinded>(kind: TaskKind, reference: &Ref<T>) -> TaskId {
    TaskId::new(kind, reference.name().as_str())
}

/// The id of what a reference means, or the id that the spec gives.
fn id_of<T: Kinded>(kind: TaskKind, reference: &In<T>) -> Value {
    match reference {
        In::Existing(id) => Value::from(id),
        In::Node(node) => Value::id(task_of(kind, node)),
    }
}
