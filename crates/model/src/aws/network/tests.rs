#![allow(clippy::unwrap_used)]

use super::build;
use crate::aws::resources::{NatGateway, Resource, Route, Subnet as SubnetResource, SubnetIpv6Cidr};
use crate::facts::VpcFact;
use crate::fixture::{Fixture, group};
use crate::{Graph, GraphError, Input, Ipv6Subnet, Output, Value};
use kopsform_spec::v1alpha2::{AdditionalRoute, InstanceGroupRole, Subnet, SubnetType};

fn subnet(name: &str, zone: &str, kind: SubnetType) -> Subnet {
    Subnet { name: name.into(), zone: zone.into(), cidr: "10.0.0.0/24".into(), r#type: Some(kind), ..Subnet::default() }
}

fn route<'a>(graph: &'a Graph, name: &str) -> &'a Route {
    match graph.find("aws_route", name) {
        Some(Resource::Route(route)) => route,
        other => panic!("{name}: {other:?}"),
    }
}

fn subnet_of<'a>(graph: &'a Graph, name: &str) -> &'a SubnetResource {
    match graph.find("aws_subnet", name) {
        Some(Resource::Subnet(subnet)) => subnet,
        other => panic!("{name}: {other:?}"),
    }
}

fn known(id: &str) -> Option<Input> {
    Some(Input::Known(id.to_owned()))
}

#[test]
fn a_private_zone_leaves_through_a_nat_gateway_in_its_utility_subnet() {
    let fixture = Fixture::default();
    let graph = fixture.build(build).unwrap();
    assert_eq!(graph.names_of("aws_eip"), ["us-east-1a.a.example.com"]);
    let Some(Resource::NatGateway(gateway)) = graph.find("aws_nat_gateway", "us-east-1a.a.example.com") else {
        panic!("no NAT gateway");
    };
    assert_eq!(gateway.subnet_id, SubnetResource::id_of("utility.a.example.com"));
    let default = route(&graph, "route-private-us-east-1a-0.0.0.0/0");
    assert_eq!(default.nat_gateway_id, Some(NatGateway::id_of("us-east-1a.a.example.com")));
    assert_eq!(graph.names_of("aws_route_table"), ["a.example.com", "private-us-east-1a.a.example.com"]);
    assert!(graph.outputs.contains_key("route_table_private-us-east-1a_id"));
    assert!(graph.outputs.contains_key("route_table_public_id"));
}

#[test]
fn a_subnet_says_how_its_zone_leaves() {
    let with_egress = |egress: &str| {
        let mut fixture = Fixture::default();
        fixture.cluster.spec.subnets[0].egress = egress.to_owned();
        fixture.build(build)
    };
    let name = "route-private-us-east-1a-0.0.0.0/0";

    let graph = with_egress("nat-1").unwrap();
    assert_eq!(route(&graph, name).nat_gateway_id, known("nat-1"));
    assert!(graph.names_of("aws_nat_gateway").is_empty() && graph.names_of("aws_eip").is_empty());

    let graph = with_egress("tgw-1").unwrap();
    assert_eq!(route(&graph, name).transit_gateway_id, known("tgw-1"));

    let graph = with_egress("eipalloc-1").unwrap();
    assert!(graph.names_of("aws_eip").is_empty());
    let Some(Resource::NatGateway(gateway)) = graph.find("aws_nat_gateway", "us-east-1a.a.example.com") else {
        panic!("no NAT gateway");
    };
    assert_eq!(gateway.allocation_id, Input::Known("eipalloc-1".into()));

    let graph = with_egress("External").unwrap();
    assert_eq!(graph.names_of("aws_route_table"), ["a.example.com"]);

    for egress in ["i-1", "elsewhere"] {
        let error = with_egress(egress).unwrap_err();
        assert!(matches!(&error, GraphError::Unsupported { path, .. } if path == "spec.subnets[0].egress"), "{error}");
    }
}

#[test]
fn subnets_of_one_zone_leave_the_same_way() {
    let mut fixture = Fixture::default();
    let other = Subnet { egress: "nat-1".into(), ..subnet("other", "us-east-1a", SubnetType::Private) };
    fixture.cluster.spec.subnets.push(other);
    let error = fixture.build(build).unwrap_err().to_string();
    assert!(error.contains("spec.subnets[2].egress") && error.contains("\"private\""), "{error}");
}

#[test]
fn a_nat_gateway_needs_exactly_one_utility_subnet() {
    let mut fixture = Fixture::default();
    fixture.cluster.spec.subnets.remove(1);
    assert!(fixture.build(build).unwrap_err().to_string().contains("no utility subnet"));
    let mut fixture = Fixture::default();
    fixture.cluster.spec.subnets.push(subnet("utility2", "us-east-1a", SubnetType::Utility));
    assert!(fixture.build(build).unwrap_err().to_string().contains("several utility subnets"));
}

#[test]
fn what_exists_is_only_referred_to() {
    let mut fixture = Fixture::default();
    fixture.cluster.spec.network_id = "vpc-1".into();
    for subnet in &mut fixture.cluster.spec.subnets {
        subnet.id = format!("subnet-{}", subnet.name);
    }
    let graph = fixture.build(build).unwrap();
    assert!(graph.resources.is_empty(), "{:?}", graph.resources.keys());
    assert_eq!(graph.data_sources.len(), 1);
    assert_eq!(graph.outputs["vpc_id"], Output::Single("vpc-1".into()));
    assert_eq!(graph.outputs["subnet_private_id"], Output::Single("subnet-private".into()));
    assert_eq!(graph.outputs["subnet_ids"], Output::List(vec!["subnet-private".into(), "subnet-utility".into()]));
}

#[test]
fn own_subnets_in_a_shared_vpc_use_its_gateway() {
    let mut fixture = Fixture::default();
    fixture.cluster.spec.network_id = "vpc-1".into();
    assert!(fixture.build(build).unwrap_err().to_string().starts_with("spec.networkID: VPC vpc-1 has no internet"));
    let vpc = VpcFact { internet_gateway: Some("igw-1".into()), ..VpcFact::default() };
    fixture.facts.vpcs.insert("vpc-1".into(), vpc);
    let graph = fixture.build(build).unwrap();
    assert_eq!(route(&graph, "route-::/0").gateway_id, known("igw-1"));
    assert!(graph.names_of("aws_internet_gateway").is_empty());
}

#[test]
fn ipv6_clusters_reach_ipv4_through_nat64() {
    let mut fixture = Fixture::default();
    let spec = &mut fixture.cluster.spec;
    spec.non_masquerade_cidr = "::/0".into();
    spec.subnets[0].ipv6_cidr = "/64#a".into();
    spec.subnets.push(Subnet { ipv6_cidr: "/64#1".into(), ..subnet("public", "us-east-1b", SubnetType::Public) });
    let graph = fixture.build(build).unwrap();
    assert_eq!(graph.names_of("aws_egress_only_internet_gateway"), ["a.example.com"]);
    let prefixes = ["private-us-east-1a-", "public-us-east-1b-"];
    for prefix in prefixes {
        assert!(route(&graph, &format!("route-{prefix}64:ff9b::/96")).nat_gateway_id.is_some());
    }
    assert!(route(&graph, "route-private-us-east-1a-::/0").egress_only_gateway_id.is_some());
    assert!(route(&graph, "route-public-us-east-1b-::/0").gateway_id.is_some());
    let part = Ipv6Subnet { prefix_length: 64, index: 10 };
    assert_eq!(subnet_of(&graph, "private.a.example.com").ipv6_cidr_block, Some(SubnetIpv6Cidr::OfVpc(part)));
    assert_eq!(graph.outputs["vpc_ipv6_cidr_length"], Output::Single(Value::VpcIpv6PrefixLength));

    fixture.cluster.spec.subnets[0].ipv6_cidr = "/64".into();
    assert!(fixture.build(build).unwrap_err().to_string().contains("spec.subnets[0].ipv6CIDR"));
}

#[test]
fn tags_say_which_load_balancers_a_subnet_takes() {
    let tags_of = |fixture: &Fixture, name: &str| {
        let graph = fixture.build(build).unwrap();
        subnet_of(&graph, &format!("{name}.a.example.com")).tags.clone()
    };
    let (public, internal) = ("kubernetes.io/role/elb", "kubernetes.io/role/internal-elb");
    let mut fixture = Fixture::default();
    let mut karpenter = group("spot", InstanceGroupRole::Node);
    karpenter.spec.manager = Some(kopsform_spec::v1alpha2::InstanceManager::Karpenter);
    fixture.groups.push(karpenter);
    let private = tags_of(&fixture, "private");
    assert!(private.contains_key(internal) && !private.contains_key(public));
    assert_eq!(private["kops.k8s.io/instance-group/spot"], "true");
    let utility = tags_of(&fixture, "utility");
    assert!(!utility.contains_key(internal) && utility.contains_key(public));

    // Without private subnets, public ones take both kinds.
    let spec = &mut fixture.cluster.spec;
    spec.subnets = vec![subnet("public", "us-east-1a", SubnetType::Public)];
    let tags = tags_of(&fixture, "public");
    assert!(tags.contains_key(internal) && tags.contains_key(public));

    fixture.cluster.spec.disable_subnet_tags = Some(true);
    assert!(tags_of(&fixture, "public").is_empty());
}

#[test]
fn further_routes_go_where_their_targets_belong() {
    let mut fixture = Fixture::default();
    let routes = [("10.1.0.0/16", "pcx-1"), ("10.2.0.0/16", "tgw-1"), ("2001:db8::/32", "eigw-1")];
    fixture.cluster.spec.subnets[0].additional_routes =
        routes.map(|(cidr, target)| AdditionalRoute { cidr: cidr.into(), target: target.into() }).into();
    let graph = fixture.build(build).unwrap();
    assert_eq!(route(&graph, "route-private.10.1.0.0/16").vpc_peering_connection_id, known("pcx-1"));
    assert_eq!(route(&graph, "route-private.10.2.0.0/16").transit_gateway_id, known("tgw-1"));
    let ipv6 = route(&graph, "route-private.2001:db8::/32");
    assert_eq!(ipv6.destination_ipv6_cidr_block.as_deref(), Some("2001:db8::/32"));
    assert_eq!(ipv6.destination_cidr_block, None);

    // Those of a private subnet that someone else lets out, too.
    let mut other = subnet("other", "us-east-1a", SubnetType::Private);
    (other.egress, other.id) = ("External".into(), "subnet-2".into());
    other.additional_routes = vec![AdditionalRoute { cidr: "10.3.0.0/16".into(), target: "pcx-1".into() }];
    fixture.cluster.spec.subnets.push(other);
    let graph = fixture.build(build).unwrap();
    assert_eq!(route(&graph, "route-other.10.3.0.0/16").vpc_peering_connection_id, known("pcx-1"));

    fixture.cluster.spec.subnets[0].additional_routes[0].target = "i-1".into();
    assert!(fixture.build(build).unwrap_err().to_string().contains("spec.subnets[0].additionalRoutes"));
}
