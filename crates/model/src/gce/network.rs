//! The network, subnets, and the way out of private ones.

use super::resources::{Network, Router, RouterNat, SecondaryRange, Stack, Subnetwork};
use crate::{Context, Graph, GraphError, In, Layer, Ref};
use kopsform_spec::v1alpha2::{InstanceGroup, Subnet, SubnetType};

/// What the secondary range of pods is called after.
pub(super) const PODS_RANGE: &str = "pods";
/// What the secondary range of services is called after.
const SERVICES_RANGE: &str = "services";
/// The egress of subnets whose way out others provide.
const EGRESS_EXTERNAL: &str = "External";

/// The network and subnets that the spec names: others own them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ExistingNetwork {
    /// The network, `NAME` or `PROJECT/NAME`; `None` if the cluster has its own.
    pub network: Option<String>,
    /// The subnets by `NAME` or `PROJECT/NAME`, as the cluster needs them. The range is empty where the spec says none.
    pub subnetworks: Vec<(String, Subnetwork)>,
}

/// The network and subnets of a cluster that others own. On other clouds, they are nodes of the graph.
pub fn existing(context: &Context<'_>) -> ExistingNetwork {
    if !context.cluster.is_on_gce() {
        return ExistingNetwork::default();
    }
    let network = match context.google_network() {
        In::Existing(network) => Some(network),
        In::Node(_) => None,
    };
    let subnetworks = context.cluster.spec.subnets.iter().filter_map(|subnet| match context.subnetwork(subnet) {
        In::Existing(id) => Some((id, needed(context, subnet))),
        In::Node(_) => None,
    });
    ExistingNetwork { network, subnetworks: subnetworks.collect() }
}

/// Adds the network and subnets that do not exist yet, and Cloud NAT for those whose instances have no public addresses.
pub fn build(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    if let In::Node(network) = context.google_network() {
        let name = network.name().clone();
        graph.add(Layer::Network, name.clone(), Network { name })?;
    }
    let subnets = &context.cluster.spec.subnets;
    for (index, subnet) in subnets.iter().enumerate() {
        check_egress(subnet, index)?;
        if subnet.id.is_empty() {
            build_subnetwork(context, graph, subnet)?;
        }
    }
    build_nat(context, graph, subnets.iter().filter(|subnet| needs_nat(subnet)))
}

fn build_subnetwork(context: &Context<'_>, graph: &mut Graph, subnet: &Subnet) -> Result<(), GraphError> {
    let subnetwork = needed(context, subnet);
    graph.add(Layer::Network, subnetwork.name.clone(), subnetwork).map(|_| ())
}

/// A subnet as the cluster needs it.
fn needed(context: &Context<'_>, subnet: &Subnet) -> Subnetwork {
    let name = if subnet.id.is_empty() { context.suffixed(&subnet.name) } else { subnet.id.as_str().into() };
    let range = |part: &str, cidr: &str| SecondaryRange { name: context.suffixed(part), cidr: cidr.to_owned() };
    let spec = &context.cluster.spec;
    let secondary_ranges = match context.cluster.uses_ip_aliases() {
        true => vec![range(PODS_RANGE, &spec.pod_cidr), range(SERVICES_RANGE, &spec.service_cluster_ip_range)],
        false => Vec::new(),
    };
    Subnetwork {
        name,
        network: context.google_network(),
        region: subnet.region.clone(),
        cidr: subnet.cidr.clone(),
        stack: context.stack(),
        secondary_ranges,
    }
}

/// Whether the instances of a subnet need Cloud NAT to reach the internet. Those of existing subnets are served by their owner.
fn needs_nat(subnet: &Subnet) -> bool {
    let is_private = matches!(subnet.r#type, Some(SubnetType::Private | SubnetType::DualStack));
    is_private && subnet.id.is_empty() && subnet.egress != EGRESS_EXTERNAL
}

fn check_egress(subnet: &Subnet, index: usize) -> Result<(), GraphError> {
    if matches!(subnet.egress.as_str(), "" | "nat" | EGRESS_EXTERNAL) {
        return Ok(());
    }
    Err(GraphError::Unsupported {
        path: format!("spec.subnets[{index}].egress"),
        message: format!("egress {:?} is not supported on Google Cloud, use nat or External", subnet.egress),
    })
}

fn build_nat<'s>(
    context: &Context<'_>,
    graph: &mut Graph,
    subnets: impl Iterator<Item = &'s Subnet>,
) -> Result<(), GraphError> {
    let subnetworks: Vec<Ref<Subnetwork>> = subnets.map(|subnet| Ref::new(context.suffixed(&subnet.name))).collect();
    if subnetworks.is_empty() {
        return Ok(());
    }
    let name = context.suffixed("nat");
    let router = Router { name: name.clone(), network: context.google_network() };
    let router = graph.add(Layer::Network, name.clone(), router)?;
    let nat = RouterNat { name: name.clone(), router, region: context.region(), subnetworks };
    graph.add(Layer::Network, name, nat).map(|_| ())
}

impl<'a> Context<'a> {
    /// The network: the cluster's own, or an existing one by `NAME` or `PROJECT/NAME`.
    pub(super) fn google_network(&self) -> In<Network> {
        match self.cluster.spec.network_id.as_str() {
            "" => Ref::new(self.own_network_name()).into(),
            existing => existing.into(),
        }
    }

    /// A subnet: the cluster's own, or an existing one, which is in the project of the network.
    pub(super) fn subnetwork(&self, subnet: &Subnet) -> In<Subnetwork> {
        if subnet.id.is_empty() {
            return Ref::new(self.suffixed(&subnet.name)).into();
        }
        match self.cluster.spec.network_id.split_once('/') {
            Some((project, _)) => format!("{project}/{}", subnet.id).into(),
            None => subnet.id.as_str().into(),
        }
    }

    /// The address families of subnets and instances.
    pub(super) fn stack(&self) -> Stack {
        if self.is_ipv6_only() { Stack::Dual } else { Stack::Ipv4 }
    }

    /// The subnet of a group, which is one.
    pub(super) fn subnet_of(&self, group: &InstanceGroup) -> Result<&'a Subnet, GraphError> {
        let error = |message: String| GraphError::Unsupported {
            path: format!("InstanceGroup/{}: spec.subnets", group.metadata.name),
            message,
        };
        let name = match group.spec.subnets.as_slice() {
            [name] => name,
            [] => return Err(error("the group is in no subnet".to_owned())),
            several => {
                let several = several.join(", ");
                return Err(error(format!("the group has multiple subnets, {several}; on Google Cloud it has one")));
            }
        };
        self.cluster.subnet(name).ok_or_else(|| error(format!("there is no subnet {name:?}")))
    }

    /// The zones of a group.
    pub(super) fn zones_of<'g>(&self, group: &'g InstanceGroup) -> Result<&'g [String], GraphError> {
        let error = |message: String| GraphError::Unsupported {
            path: format!("InstanceGroup/{}: spec.zones", group.metadata.name),
            message,
        };
        match group.spec.zones.as_slice() {
            [] => Err(error("the group is in no zone".to_owned())),
            [_, _, ..] if group.is_control_plane() => {
                let zones = group.spec.zones.join(", ");
                Err(error(format!("a group of the control plane is in one zone, this one is in {zones}")))
            }
            zones => Ok(zones),
        }
    }
}
