//! Records that point at load balancers, in a hosted zone that exists.

use super::iam::IamError;
use super::load_balancer::{API, BASTION};
use super::resources::{AliasTarget, DnsRecord, HostedZone, HostedZoneAssociation, RecordType};
use crate::facts::hosted_zone_named;
use crate::{Context, Graph, GraphError, Layer, Ref, Text, text};
use kopsform_spec::v1alpha2::{DnsType, InstanceGroupRole, LoadBalancerClass};

/// Adds the records of the API and of bastions, and lets the VPC see a private zone.
///
/// # Errors
/// When the hosted zone does not exist.
pub fn build(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    if !context.publishes_dns() {
        return Ok(());
    }
    let spec = &context.cluster.spec;
    let zone_id = hosted_zone(context)?;
    let private = context.cluster.dns_type() == DnsType::Private;
    let zone = graph.add_existing(Layer::Cluster, &spec.dns_zone, HostedZone { private }, Some(zone_id.to_owned()))?;
    let knows_vpc = || {
        let fact = context.facts.hosted_zones.get(zone_id);
        fact.is_some_and(|fact| context.cluster.has_shared_vpc() && fact.vpcs.contains(&spec.network_id))
    };
    if private && !knows_vpc() {
        let association = HostedZoneAssociation { zone: zone.clone(), vpc: context.vpc() };
        graph.add(Layer::Cluster, &spec.dns_zone, association)?;
    }
    if let Some(balancer) = context.cluster.api_load_balancer() {
        let name = context.load_balancer(API);
        let target = match balancer.class {
            Some(LoadBalancerClass::Network) => AliasTarget::Network(Ref::new(name)),
            Some(LoadBalancerClass::Classic) | None => AliasTarget::Classic(Ref::new(name)),
        };
        add_records(graph, context.host_name(&spec.master_public_name), &zone, &target)?;
        if balancer.use_for_internal_api {
            add_records(graph, context.api_internal_name(), &zone, &target)?;
        }
    }
    let bastion = spec.topology.as_ref().and_then(|topology| topology.bastion.as_ref());
    let has_bastions = context.groups_of(InstanceGroupRole::Bastion).next().is_some();
    if let Some(bastion) = bastion.filter(|b| has_bastions && !b.bastion_public_name.is_empty()) {
        let target = AliasTarget::Network(Ref::new(context.load_balancer(BASTION)));
        add_records(graph, context.host_name(&bastion.bastion_public_name), &zone, &target)?;
    }
    Ok(())
}

/// The names that controllers of the cluster publish once it runs, without those that follow a load balancer.
pub fn published_names(context: &Context<'_>) -> Vec<Text> {
    if !context.publishes_dns() {
        return Vec::new();
    }
    let balancer = context.cluster.api_load_balancer();
    let public = balancer.is_none().then(|| context.host_name(&context.cluster.spec.master_public_name));
    let is_internal = balancer.is_some_and(|balancer| balancer.use_for_internal_api);
    let internal = (!is_internal).then(|| context.api_internal_name());
    let controller = text!["kops-controller.internal.", context.cluster_name()];
    public.into_iter().chain(internal).chain([controller]).collect()
}

/// The id of the zone that records are made in. kops makes no zone for Terraform either.
fn hosted_zone<'a>(context: &Context<'a>) -> Result<&'a str, GraphError> {
    let wanted = &context.cluster.spec.dns_zone;
    Ok(hosted_zone_named(context.facts, wanted, context.cluster.dns_type()).map_err(IamError::from)?)
}

/// Adds the A and AAAA records of a name that follow a load balancer.
fn add_records(graph: &mut Graph, name: Text, zone: &Ref<HostedZone>, target: &AliasTarget) -> Result<(), GraphError> {
    for (suffix, record_type) in [("", RecordType::A), ("-AAAA", RecordType::Aaaa)] {
        let record = DnsRecord { zone: zone.clone(), name: name.clone(), record_type, target: target.clone() };
        graph.ensure(Layer::Cluster, text![&name, suffix], record)?;
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
        assert_eq!(graph.names_of::<DnsRecord>(), ["api.a.example.com", "api.a.example.com-AAAA"]);
        let access = fixture.cluster.spec.api.as_mut().unwrap().load_balancer.as_mut().unwrap();
        access.use_for_internal_api = true;
        assert_eq!(fixture.build(build).unwrap().names_of::<DnsRecord>().len(), 4);
    }

    #[test]
    fn clusters_without_dns_need_no_zone() {
        let mut fixture = fixture();
        fixture.facts.hosted_zones.clear();
        let error = fixture.build(build).unwrap_err().to_string();
        assert_eq!(error, "spec.dnsZone: there is no hosted zone Z1");
        fixture.cluster.metadata.name = "a.k8s.local".into();
        assert!(fixture.build(build).unwrap().is_empty());
    }

    #[test]
    fn a_private_zone_is_shown_to_a_vpc_that_does_not_see_it() {
        let mut fixture = fixture();
        private(&mut fixture);
        fixture.cluster.spec.network_id = "vpc-1".into();
        let mut zone = HostedZoneFact { name: "example.com".into(), private: true, ..HostedZoneFact::default() };
        fixture.facts.hosted_zones.insert("Z1".into(), zone.clone());
        assert_eq!(fixture.build(build).unwrap().names_of::<HostedZoneAssociation>(), ["Z1"]);
        zone.vpcs.push("vpc-1".into());
        fixture.facts.hosted_zones.insert("Z1".into(), zone);
        assert!(fixture.build(build).unwrap().names_of::<HostedZoneAssociation>().is_empty());
    }
}
