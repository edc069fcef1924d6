//! Records that point at load balancers, in a hosted zone that exists.

use super::iam::IamError;
use super::load_balancer::{API, BASTION};
use super::resources::{ElasticLoadBalancer, LoadBalancer, RecordAlias, Route53Record, Route53ZoneAssociation};
use crate::facts::hosted_zone_named;
use crate::{Context, Graph, GraphError, Input, Layer, Lifecycle, Reference};
use kopsform_spec::v1alpha2::{DnsType, InstanceGroupRole, LoadBalancerClass};

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
    // As kops spells it: the prefix comes from the task of the zone.
    let prefix = if graph.lifecycles.of(Layer::Cluster, "DNSZone") == Lifecycle::Ignore { "" } else { "/hostedzone/" };
    let zone_id = Input::Known(format!("{prefix}{zone}"));
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

/// The id of the zone that records are made in. kops makes no zone for Terraform either.
fn hosted_zone<'a>(context: &Context<'a>) -> Result<&'a str, GraphError> {
    let wanted = &context.cluster.spec.dns_zone;
    Ok(hosted_zone_named(context.facts, wanted, context.cluster.dns_type()).map_err(IamError::from)?)
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::facts::HostedZoneFact;
    use crate::fixture::Fixture;
    use kopsform_spec::v1alpha2::{Api, DnsTopology, LoadBalancerAccess, Topology};

    fn fixture() -> Fixture {
        let mut fixture = Fixture::default();
        let access = LoadBalancerAccess { class: Some(LoadBalancerClass::Network), ..LoadBalancerAccess::default() };
        fixture.cluster.spec.api = Some(Api { load_balancer: Some(access), ..Api::default() });
        fixture.cluster.spec.master_public_name = "api.a.example.com".into();
        fixture
    }

    fn private(fixture: &mut Fixture) {
        let dns = DnsTopology { r#type: Some(DnsType::Private) };
        fixture.cluster.spec.topology = Some(Topology { dns: Some(dns), ..Topology::default() });
    }

    #[test]
    fn the_api_has_records_for_both_address_families() {
        let mut fixture = fixture();
        let graph = fixture.build(build).unwrap();
        assert_eq!(graph.names_of("aws_route53_record"), ["api.a.example.com", "api.a.example.com-AAAA"]);
        let access = fixture.cluster.spec.api.as_mut().unwrap().load_balancer.as_mut().unwrap();
        access.use_for_internal_api = true;
        assert_eq!(fixture.build(build).unwrap().names_of("aws_route53_record").len(), 4);
    }

    #[test]
    fn clusters_without_dns_need_no_zone() {
        let mut fixture = fixture();
        fixture.facts.hosted_zones.clear();
        let error = fixture.build(build).unwrap_err().to_string();
        assert_eq!(error, "spec.dnsZone: there is no hosted zone Z1");
        fixture.cluster.metadata.name = "a.k8s.local".into();
        assert!(fixture.build(build).unwrap().resources.is_empty());
    }

    #[test]
    fn a_private_zone_is_shown_to_a_vpc_that_does_not_see_it() {
        let mut fixture = fixture();
        private(&mut fixture);
        fixture.cluster.spec.network_id = "vpc-1".into();
        let mut zone = HostedZoneFact { name: "example.com".into(), private: true, ..HostedZoneFact::default() };
        fixture.facts.hosted_zones.insert("Z1".into(), zone.clone());
        assert_eq!(fixture.build(build).unwrap().names_of("aws_route53_zone_association"), ["Z1"]);
        zone.vpcs.push("vpc-1".into());
        fixture.facts.hosted_zones.insert("Z1".into(), zone);
        assert!(fixture.build(build).unwrap().names_of("aws_route53_zone_association").is_empty());
    }
}
