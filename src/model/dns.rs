//! Records that point at load balancers, in a hosted zone that exists.

use super::load_balancer::{API, BASTION};
use super::resources::{ElasticLoadBalancer, LoadBalancer, RecordAlias, Route53Record, Route53ZoneAssociation};
use super::{Context, Graph, GraphError, Input, Layer, Reference};
use crate::api::v1alpha2::{DnsType, InstanceGroupRole, LoadBalancerClass};
use crate::lookup::find_hosted_zone;

/// Adds the records of the API and of bastions, and lets the VPC see a private zone.
///
/// # Errors
/// When the hosted zone does not exist, or a lifecycle forbids what is needed.
pub fn build(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    if !context.publishes_dns() {
        return Ok(());
    }
    let spec = &context.cluster.spec;
    let zone = hosted_zone(context)?;
    let zone_id = Input::Known(format!("/hostedzone/{zone}"));
    let knows_vpc = || {
        let fact = context.facts.hosted_zones.get(zone);
        fact.is_some_and(|fact| context.cluster.has_shared_vpc() && fact.vpcs.contains(&spec.network_id))
    };
    if context.cluster.dns_type() == DnsType::Private && !knows_vpc() {
        let association = Route53ZoneAssociation { vpc_id: context.vpc_id(), zone_id: zone_id.clone() };
        graph.add(Layer::Cluster, &spec.dns_zone, association)?;
    }
    if let Some(balancer) = context.cluster.api_load_balancer() {
        let name = context.load_balancer(API);
        let target = |attribute| match balancer.class {
            Some(LoadBalancerClass::Network) => LoadBalancer::attribute(&name, attribute),
            Some(LoadBalancerClass::Classic) | None => ElasticLoadBalancer::attribute(&name, attribute),
        };
        add_records(graph, &spec.master_public_name, &zone_id, target)?;
        if balancer.use_for_internal_api {
            add_records(graph, &context.api_internal_name(), &zone_id, target)?;
        }
    }
    let bastion = spec.topology.as_ref().and_then(|topology| topology.bastion.as_ref());
    let has_bastions = context.groups_of(InstanceGroupRole::Bastion).next().is_some();
    if let Some(bastion) = bastion.filter(|b| has_bastions && !b.bastion_public_name.is_empty()) {
        let name = context.load_balancer(BASTION);
        add_records(graph, &bastion.bastion_public_name, &zone_id, |a| LoadBalancer::attribute(&name, a))?;
    }
    Ok(())
}

/// The id of the zone that records are made in.
fn hosted_zone<'a>(context: &Context<'a>) -> Result<&'a str, GraphError> {
    let wanted = &context.cluster.spec.dns_zone;
    let kind = context.cluster.dns_type();
    find_hosted_zone(context.facts, wanted, Some(kind)).ok_or_else(|| GraphError::Unsupported {
        path: "spec.dnsZone".to_owned(),
        message: format!(
            "there is no {} hosted zone {wanted:?}, and Terraform is not to make one",
            if kind == DnsType::Private { "private" } else { "public" }
        ),
    })
}

/// Adds the A and AAAA records of a name that follow a load balancer.
fn add_records(
    graph: &mut Graph,
    name: &str,
    zone_id: &Input,
    target: impl Fn(&'static str) -> Reference,
) -> Result<(), GraphError> {
    for (suffix, record_type) in [("", "A"), ("-AAAA", "AAAA")] {
        let record = Route53Record {
            alias: RecordAlias {
                evaluate_target_health: false,
                name: target("dns_name").into(),
                zone_id: target("zone_id").into(),
            },
            name: name.to_owned(),
            r#type: record_type.to_owned(),
            zone_id: zone_id.clone(),
        };
        graph.ensure(Layer::Cluster, format!("{name}{suffix}"), record)?;
    }
    Ok(())
}
