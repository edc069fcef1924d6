//! VPC, subnets, gateways and routes.

use kopsform_model::aws::resources::{
    Cidr, DhcpOptions, DhcpOptionsAssociation, EgressOnlyInternetGateway, ElasticIp, InternetGateway, NatGateway,
    Route, RouteTable, RouteTableAssociation, RouteTarget, Subnet, SubnetIpv6, Vpc, VpcCidrBlock,
};
use kopsform_model::aws::tags::SUBNET_TYPE;
use kopsform_model::{Graph, In, Node, NodeId, Presence};

use super::{Builder, cluster_tag, id_of, tags_of_interest, task_of};
use crate::ids::Attribute;
use crate::task::{Expected, OnChange, Task, TaskId, TaskKind};
use crate::value::{Reference, Subnetwork, Value};

/// kops' name of the task for the IPv6 network of a VPC.
const AMAZON_IPV6: &str = "AmazonIPv6";

/// The tag of a subnet, and of the route table of a shared gateway, that names the NAT gateway.
pub const ASSOCIATED_GATEWAY: &str = "AssociatedNatgateway";

/// The utility subnets of the zone whose gateway has a name: `us-east-1a.a.example.com`.
pub fn utility_subnets(graph: &Graph, gateway: &str) -> Vec<TaskId> {
    let is_utility = |subnet: &Subnet| subnet.tags.get(SUBNET_TYPE).is_some_and(|kind| *kind == "Utility");
    let zone = gateway.strip_suffix(graph.cluster.as_str()).and_then(|zone| zone.strip_suffix('.'));
    let subnets = graph.all::<Subnet>().filter(|(_, subnet)| Some(subnet.zone.as_str()) == zone && is_utility(subnet));
    subnets.map(|(name, _)| TaskId::new(TaskKind::Subnet, name.as_str())).collect()
}

impl Builder<'_> {
    pub(super) fn vpc(&self, id: &NodeId, node: &Node, vpc: &Vpc) -> Vec<Task> {
        let task = Task::new(TaskKind::Vpc, id.name.as_str(), id.clone());
        if node.presence != Presence::Managed {
            // Instances must find each other by name. Nothing else matters, and kops does not tag it either.
            return vec![task.field("EnableDNSSupport", vpc.dns_support, OnChange::Others)];
        }
        let task = task
            .update("Tags", tags_of_interest(&vpc.tags))
            .fixed("CIDR", &vpc.cidr)
            .update("EnableDNSHostnames", vpc.dns_hostnames)
            .update("EnableDNSSupport", vpc.dns_support);
        let block = Task::new(TaskKind::VpcIpv6Block, AMAZON_IPV6, id.clone()).initial("VPC", task.id.clone());
        let block = vpc.amazon_ipv6.then_some(block);
        std::iter::once(task).chain(block).collect()
    }

    pub(super) fn vpc_cidr_block(&self, id: &NodeId, block: &VpcCidrBlock) -> Vec<Task> {
        let task = Task::new(TaskKind::VpcCidrBlock, id.name.as_str(), id.clone());
        vec![task.initial("CIDRBlock", &block.cidr).initial("VPC", task_of(TaskKind::Vpc, &block.vpc))]
    }

    pub(super) fn dhcp_options(&self, id: &NodeId, options: &DhcpOptions) -> Vec<Task> {
        let task = Task::new(TaskKind::DhcpOptions, id.name.as_str(), id.clone());
        vec![
            task.fixed("DomainName", &options.domain_name)
                .fixed("DomainNameServers", Value::list(&options.domain_name_servers))
                .update("Tags", tags_of_interest(&options.tags)),
        ]
    }

    pub(super) fn dhcp_association(&self, id: &NodeId, association: &DhcpOptionsAssociation) -> Vec<Task> {
        let task = Task::new(TaskKind::DhcpOptionsAssociation, id.name.as_str(), id.clone());
        vec![
            task.update("DHCPOptions", task_of(TaskKind::DhcpOptions, &association.options))
                .initial("VPC", task_of(TaskKind::Vpc, &association.vpc)),
        ]
    }

    pub(super) fn subnet(&self, id: &NodeId, node: &Node, subnet: &Subnet) -> Vec<Task> {
        let task = Task::new(TaskKind::Subnet, id.name.as_str(), id.clone());
        if node.presence != Presence::Managed {
            return vec![task.update("Tags", tags_of_interest(&subnet.tags))];
        }
        let vpc = task_of(TaskKind::Vpc, &subnet.vpc);
        let ipv6 = match &subnet.ipv6 {
            None => None,
            Some(SubnetIpv6::Known(cidr)) => Some(Value::from(cidr)),
            Some(SubnetIpv6::Nth(part)) => {
                // The block is a task of its own, and has the network.
                let block = TaskId::new(TaskKind::VpcIpv6Block, AMAZON_IPV6);
                let network = Reference { task: block, attribute: Attribute::Ipv6Cidr };
                let (prefix_length, index) = (part.prefix_length, part.index);
                Some(Value::Subnetwork(Subnetwork { network, prefix_length, index }))
            }
        };
        let mut task = task
            .update("AssignIPv6AddressOnCreation", subnet.ipv6.is_some())
            .fixed("AvailabilityZone", &subnet.zone)
            .fixed("CIDR", subnet.ipv4.as_ref())
            .update("ResourceBasedNaming", subnet.named_by_resource)
            .update("Tags", tags_of_interest(&subnet.tags))
            .fixed("VPC", vpc);
        if let Some(ipv6) = ipv6 {
            task = task.set_once("IPv6CIDR", ipv6);
        }
        vec![task]
    }

    pub(super) fn internet_gateway(&self, id: &NodeId, node: &Node, gateway: &InternetGateway) -> Vec<Task> {
        self.gateway(TaskKind::InternetGateway, id, node, task_of(TaskKind::Vpc, &gateway.vpc), |task| {
            task.update("Tags", tags_of_interest(&gateway.tags))
        })
    }

    pub(super) fn egress_only_gateway(
        &self,
        id: &NodeId,
        node: &Node,
        gateway: &EgressOnlyInternetGateway,
    ) -> Vec<Task> {
        self.gateway(TaskKind::EgressOnlyInternetGateway, id, node, task_of(TaskKind::Vpc, &gateway.vpc), |task| {
            task.update("Tags", tags_of_interest(&gateway.tags))
        })
    }

    fn gateway(
        &self,
        kind: TaskKind,
        id: &NodeId,
        node: &Node,
        vpc: TaskId,
        with_tags: impl FnOnce(Task) -> Task,
    ) -> Vec<Task> {
        // A shared VPC without a gateway that nothing refers to.
        if matches!(node.presence, Presence::Existing { id: None }) {
            return Vec::new();
        }
        // A gateway that an interrupted run left without its VPC is attached.
        vec![with_tags(Task::new(kind, id.name.as_str(), id.clone())).set_once("VPC", vpc)]
    }

    pub(super) fn elastic_ip(&self, id: &NodeId, address: &ElasticIp) -> Vec<Task> {
        let mut task = Task::new(TaskKind::ElasticIp, id.name.as_str(), id.clone());
        if address.existing.is_some() {
            task.expected = Expected::Existing { id: address.existing.clone() };
        }
        vec![task.update("Tags", tags_of_interest(&address.tags))]
    }

    pub(super) fn nat_gateway(&self, id: &NodeId, gateway: &NatGateway) -> Vec<Task> {
        let name = id.name.as_str();
        // The subnet says which gateway is in it: kops finds gateways that way.
        let task = Task::new(TaskKind::NatGateway, name, id.clone())
            .update(ASSOCIATED_GATEWAY, true)
            .fixed("ElasticIP", id_of(TaskKind::ElasticIp, &gateway.address))
            .fixed("Subnet", task_of(TaskKind::Subnet, &gateway.subnet))
            .update("Tags", tags_of_interest(&gateway.tags));
        // An address that the spec names is tagged as shared.
        let address = match &gateway.address {
            In::Node(_) => None,
            In::Existing(address) => {
                let mut task = Task::new(TaskKind::ElasticIp, name, id.clone()).update("Tags", self.shared_tag());
                task.expected = Expected::Existing { id: Some(address.clone()) };
                Some(task)
            }
        };
        std::iter::once(task).chain(address).collect()
    }

    /// The tag of what the cluster uses and does not own.
    fn shared_tag(&self) -> Value {
        Value::TagsOfInterest([(cluster_tag(&self.graph.cluster), "shared".to_owned())].into())
    }

    pub(super) fn route_table(&self, id: &NodeId, table: &RouteTable) -> Vec<Task> {
        let task = Task::new(TaskKind::RouteTable, id.name.as_str(), id.clone());
        vec![task.update("Tags", tags_of_interest(&table.tags)).fixed("VPC", task_of(TaskKind::Vpc, &table.vpc))]
    }

    pub(super) fn route(&self, id: &NodeId, route: &Route) -> Vec<Task> {
        let task = Task::new(TaskKind::Route, id.name.as_str(), id.clone());
        let task = match &route.destination {
            Cidr::V4(cidr) => task.initial("CIDR", cidr),
            Cidr::V6(cidr) => task.initial("IPv6CIDR", cidr),
        };
        let task = match &route.target {
            RouteTarget::InternetGateway(gateway) => {
                task.update("InternetGateway", id_of(TaskKind::InternetGateway, gateway))
            }
            RouteTarget::EgressOnlyInternetGateway(gateway) => {
                task.update("EgressOnlyInternetGateway", id_of(TaskKind::EgressOnlyInternetGateway, gateway))
            }
            RouteTarget::NatGateway(gateway) => task.update("NatGateway", id_of(TaskKind::NatGateway, gateway)),
            RouteTarget::TransitGateway(id) => task.update("TransitGatewayID", id),
            RouteTarget::VpcPeering(id) => task.update("VPCPeeringConnectionID", id),
        };
        let task = task.initial("RouteTable", task_of(TaskKind::RouteTable, &route.table));
        std::iter::once(task).chain(self.shared_nat_gateway(id, route)).collect()
    }

    /// A NAT gateway that the spec names, through which a zone's private subnets leave. It is tagged as shared, and so that kops
    /// finds it are the zone's route table and the utility subnet of the zone.
    fn shared_nat_gateway(&self, id: &NodeId, route: &Route) -> Option<Task> {
        let RouteTarget::NatGateway(In::Existing(gateway)) = &route.target else { return None };
        let table: &str = route.table.name();
        let name = table.strip_prefix("private-").filter(|_| route.destination == Cidr::of("0.0.0.0/0"))?;
        let mut task = Task::new(TaskKind::NatGateway, name, id.clone())
            .update(ASSOCIATED_GATEWAY, true)
            .update("Tags", self.shared_tag())
            .after(TaskId::new(TaskKind::RouteTable, table));
        for subnet in utility_subnets(self.graph, name) {
            task = task.after(subnet);
        }
        task.expected = Expected::Existing { id: Some(gateway.clone()) };
        Some(task)
    }

    pub(super) fn route_table_association(&self, id: &NodeId, association: &RouteTableAssociation) -> Vec<Task> {
        let task = Task::new(TaskKind::RouteTableAssociation, id.name.as_str(), id.clone());
        vec![
            task.update("RouteTable", task_of(TaskKind::RouteTable, &association.table))
                .initial("Subnet", task_of(TaskKind::Subnet, &association.subnet)),
        ]
    }
}
