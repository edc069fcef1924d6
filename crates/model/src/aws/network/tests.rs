#![allow(clippy::unwrap_used)]

use super::build;
use crate::aws::resources::*;
use crate::facts::VpcFact;
use crate::fixture::{Fixture, group};
use crate::{Export, Graph, GraphError, In, Presence, Ref};
use kopsform_spec::v1alpha2::{AdditionalRoute, InstanceGroupRole, Subnet as SubnetSpec, SubnetType};

fn subnet(name: &str, zone: &str, kind: SubnetType) -> SubnetSpec {
    let cidr = "10.0.0.0/24".into();
    SubnetSpec { name: name.into(), zone: zone.into(), cidr, r#type: Some(kind), ..SubnetSpec::default() }
}

fn target<'a>(graph: &'a Graph, route: &str) -> &'a RouteTarget {
    &graph.get(&Ref::<Route>::new(route)).unwrap_or_else(|| panic!("no {route}")).target
}

fn subnet_of<'a>(graph: &'a Graph, name: &str) -> &'a Subnet {
    graph.get(&Ref::new(name)).unwrap()
}

fn nat_gateway(graph: &Graph) -> &NatGateway {
    graph.get(&Ref::new("us-east-1a.a.example.com")).unwrap()
}

#[test]
fn a_private_zone_leaves_through_a_nat_gateway_in_its_utility_subnet() {
    let fixture = Fixture::default();
    let graph = fixture.build(build).unwrap();
    assert_eq!(graph.names_of::<ElasticIp>(), ["us-east-1a.a.example.com"]);
    assert_eq!(nat_gateway(&graph).subnet, Ref::new("utility.a.example.com"));
    let nat = RouteTarget::NatGateway(Ref::new("us-east-1a.a.example.com").into());
    assert_eq!(*target(&graph, "private-us-east-1a-0.0.0.0/0"), nat);
    assert_eq!(graph.names_of::<RouteTable>(), ["a.example.com", "private-us-east-1a.a.example.com"]);
    assert!(graph.exports().contains_key("route_table_private-us-east-1a_id"));
    assert!(graph.exports().contains_key("route_table_public_id"));
}

#[test]
fn a_subnet_says_how_its_zone_leaves() {
    let with_egress = |egress: &str| {
        let mut fixture = Fixture::default();
        fixture.cluster.spec.subnets[0].egress = egress.to_owned();
        fixture.build(build)
    };
    let name = "private-us-east-1a-0.0.0.0/0";

    let graph = with_egress("nat-1").unwrap();
    assert_eq!(*target(&graph, name), RouteTarget::NatGateway("nat-1".into()));
    assert!(graph.names_of::<NatGateway>().is_empty() && graph.names_of::<ElasticIp>().is_empty());

    let graph = with_egress("tgw-1").unwrap();
    assert_eq!(*target(&graph, name), RouteTarget::TransitGateway("tgw-1".into()));

    let graph = with_egress("eipalloc-1").unwrap();
    assert!(graph.names_of::<ElasticIp>().is_empty());
    assert_eq!(nat_gateway(&graph).address, In::from("eipalloc-1"));

    let graph = with_egress("External").unwrap();
    assert_eq!(graph.names_of::<RouteTable>(), ["a.example.com"]);

    for egress in ["i-1", "elsewhere"] {
        let error = with_egress(egress).unwrap_err();
        assert!(matches!(&error, GraphError::Unsupported { path, .. } if path == "spec.subnets[0].egress"), "{error}");
    }
}

#[test]
fn subnets_of_one_zone_leave_the_same_way() {
    let mut fixture = Fixture::default();
    let other = SubnetSpec { egress: "nat-1".into(), ..subnet("other", "us-east-1a", SubnetType::Private) };
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
    assert!(graph.nodes().all(|(_, node)| matches!(node.presence, Presence::Existing { .. })));
    let private = Ref::<Subnet>::new("private.a.example.com");
    let presence = &graph.node(&private.node()).unwrap().presence;
    assert_eq!(*presence, Presence::Existing { id: Some("subnet-private".to_owned()) });
    assert_eq!(subnet_of(&graph, "private.a.example.com").tags["kubernetes.io/cluster/a.example.com"], "shared");
    assert!(matches!(&graph.exports()["vpc_id"], Export::Single(item) if item.value == graph_vpc().id()));
    assert!(matches!(&graph.exports()["subnet_private_id"], Export::Single(item) if item.value == private.id()));
    assert!(matches!(&graph.exports()["subnet_ids"], Export::List(items) if items.len() == 2));
}

fn graph_vpc() -> Ref<Vpc> {
    Ref::new("a.example.com")
}

#[test]
fn own_subnets_in_a_shared_vpc_use_its_gateway() {
    let mut fixture = Fixture::default();
    fixture.cluster.spec.network_id = "vpc-1".into();
    assert!(fixture.build(build).unwrap_err().to_string().starts_with("spec.networkID: VPC vpc-1 has no internet"));
    let vpc = VpcFact { internet_gateway: Some("igw-1".into()), ..VpcFact::default() };
    fixture.facts.vpcs.insert("vpc-1".into(), vpc);
    let graph = fixture.build(build).unwrap();
    let gateway = Ref::<InternetGateway>::new("a.example.com");
    assert_eq!(*target(&graph, "::/0"), RouteTarget::InternetGateway(gateway.clone().into()));
    let presence = &graph.node(&gateway.node()).unwrap().presence;
    assert_eq!(*presence, Presence::Existing { id: Some("igw-1".to_owned()) });
}

#[test]
fn ipv6_clusters_reach_ipv4_through_nat64() {
    let mut fixture = Fixture::default();
    let spec = &mut fixture.cluster.spec;
    spec.non_masquerade_cidr = "::/0".into();
    spec.subnets[0].ipv6_cidr = "/64#a".into();
    spec.subnets.push(SubnetSpec { ipv6_cidr: "/64#1".into(), ..subnet("public", "us-east-1b", SubnetType::Public) });
    let graph = fixture.build(build).unwrap();
    assert_eq!(graph.names_of::<EgressOnlyInternetGateway>(), ["a.example.com"]);
    let prefixes = ["private-us-east-1a-", "public-us-east-1b-"];
    for prefix in prefixes {
        assert!(matches!(target(&graph, &format!("{prefix}64:ff9b::/96")), RouteTarget::NatGateway(_)));
    }
    assert!(matches!(target(&graph, "private-us-east-1a-::/0"), RouteTarget::EgressOnlyInternetGateway(_)));
    assert!(matches!(target(&graph, "public-us-east-1b-::/0"), RouteTarget::InternetGateway(_)));
    let part = NthSubnet { prefix_length: 64, index: 10 };
    assert_eq!(subnet_of(&graph, "private.a.example.com").ipv6, Some(SubnetIpv6::Nth(part)));
    let length = graph_vpc().ipv6_prefix_length();
    assert!(matches!(&graph.exports()["vpc_ipv6_cidr_length"], Export::Single(item) if item.value == length));

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
    assert_eq!(*target(&graph, "private.10.1.0.0/16"), RouteTarget::VpcPeering("pcx-1".to_owned()));
    assert_eq!(*target(&graph, "private.10.2.0.0/16"), RouteTarget::TransitGateway("tgw-1".to_owned()));
    let ipv6 = graph.get(&Ref::<Route>::new("private.2001:db8::/32")).unwrap();
    assert_eq!(ipv6.destination, Cidr::V6("2001:db8::/32".to_owned()));

    // Routes of a private subnet with external egress are added, too.
    let mut other = subnet("other", "us-east-1a", SubnetType::Private);
    (other.egress, other.id) = ("External".into(), "subnet-2".into());
    other.additional_routes = vec![AdditionalRoute { cidr: "10.3.0.0/16".into(), target: "pcx-1".into() }];
    fixture.cluster.spec.subnets.push(other);
    let graph = fixture.build(build).unwrap();
    assert_eq!(*target(&graph, "other.10.3.0.0/16"), RouteTarget::VpcPeering("pcx-1".to_owned()));

    fixture.cluster.spec.subnets[0].additional_routes[0].target = "i-1".into();
    assert!(fixture.build(build).unwrap_err().to_string().contains("spec.subnets[0].additionalRoutes"));
}
