#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::aws::resources::{Cidr, InternetGateway, Route, RouteTable, RouteTarget, Tags, Vpc};
use crate::fixture::{Fixture, vpc};

fn graph() -> Graph {
    Graph::new("a.example.com", "us-east-1", Lifecycles::default())
}

fn route(table: &str, target: RouteTarget) -> Route {
    Route { table: Ref::new(table), destination: Cidr::of("0.0.0.0/0"), target }
}

#[test]
fn one_name_is_for_one_resource_of_a_kind() {
    let mut graph = graph();
    let vpc_ref = graph.add(Layer::Network, "a", vpc()).unwrap();
    graph.add(Layer::Network, "a", RouteTable { vpc: vpc_ref, tags: Tags::new() }).unwrap();
    let error = graph.add(Layer::Network, "a", vpc()).unwrap_err();
    assert_eq!(error.to_string(), "there would be two resources VPC/a");
}

#[test]
fn asking_again_for_the_same_changes_nothing() {
    let mut graph = graph();
    graph.ensure(Layer::Network, "a", vpc()).unwrap();
    graph.ensure(Layer::Network, "a", vpc()).unwrap();
    let other = Vpc { cidr: "10.1.0.0/16".into(), ..vpc() };
    assert!(graph.ensure(Layer::Network, "a", other).is_err());
}

#[test]
fn nodes_keep_what_a_run_does_with_them() {
    let mut lifecycles = Lifecycles { network: Lifecycle::Ignore, ..Lifecycles::default() };
    lifecycles.overrides.insert("RouteTable".into(), Lifecycle::ExistsAndValidates);
    let mut graph = Graph::new("a", "us-east-1", lifecycles);
    let vpc = graph.add(Layer::Network, "a", vpc()).unwrap();
    let table = graph.add(Layer::Network, "a", RouteTable { vpc: vpc.clone(), tags: Tags::new() }).unwrap();
    assert_eq!(graph.node(&vpc.node()).unwrap().lifecycle, Lifecycle::Ignore);
    assert_eq!(graph.node(&table.node()).unwrap().lifecycle, Lifecycle::ExistsAndValidates);
}

#[test]
fn exports_are_single_or_lists() {
    let mut graph = graph();
    let vpc = graph.add(Layer::Network, "a", vpc()).unwrap();
    graph.export_item(&vpc, "ids", "b").unwrap();
    graph.export_item(&vpc, "ids", "b").unwrap();
    let item = Exported { node: Some(vpc.node()), value: "b".into() };
    assert_eq!(graph.exports()["ids"], Export::List(vec![item]));
    assert!(matches!(graph.export(&vpc, "ids", "c"), Err(GraphError::DuplicateExport(_))));
    graph.export(&vpc, "id", vpc.id()).unwrap();
    assert!(matches!(graph.export_item(&vpc, "id", "c"), Err(GraphError::MixedExport(_))));
}

#[test]
fn every_reference_that_leads_nowhere_is_named() {
    let mut graph = graph();
    let table = RouteTable { vpc: Ref::new("no-vpc"), tags: Tags::new() };
    let table = graph.add(Layer::Network, "table", table).unwrap();
    graph.add(Layer::Network, "r", route("no-table", RouteTarget::InternetGateway(Ref::new("no-igw").into()))).unwrap();
    graph.add(Layer::Network, "ok", route("table", RouteTarget::InternetGateway("igw-1".into()))).unwrap();
    graph.export(&table, "role", Ref::<crate::aws::resources::IamRole>::new("no-role").arn()).unwrap();
    let error = graph.check().unwrap_err();
    assert_eq!(
        error.to_string(),
        "references lead nowhere: RouteTable/table refers to VPC/no-vpc, Route/r refers to InternetGateway/no-igw, \
         Route/r refers to RouteTable/no-table, output role refers to IAMRole/no-role"
    );
    assert_eq!(graph.order().unwrap_err(), error);
}

#[test]
fn a_cluster_is_made_from_the_network_up() {
    let graph = Fixture::default().network().unwrap();
    let order = graph.order().unwrap();
    assert_eq!(order.len(), graph.nodes().count());
    let place = |kind| order.iter().position(|id| id.kind == kind).unwrap();
    assert!(place(Kind::Vpc) < place(Kind::Subnet));
    assert!(place(Kind::Subnet) < place(Kind::NatGateway));
    assert!(place(Kind::NatGateway) < place(Kind::Route));
}

#[test]
fn a_missing_node_is_named_by_all_that_need_it() {
    let graph = Fixture::default().network().unwrap();
    for (id, _) in graph.nodes() {
        let mut without = graph.clone();
        without.remove(id);
        let needed = graph.nodes().any(|(_, node)| node.references().contains(id));
        match without.check() {
            Ok(()) => assert!(!needed, "{id}"),
            Err(GraphError::Dangling(dangling)) => assert!(dangling.iter().all(|d| d.to == *id), "{id}: {dangling:?}"),
            Err(other) => panic!("{other}"),
        }
    }
}

/// A graph of routes, gateways and tables that refer to each other at random: node `i` only to nodes before it.
fn random_graph(edges: &[(u8, u8)]) -> Graph {
    let mut graph = graph();
    for (i, (first, second)) in edges.iter().enumerate() {
        let before = |pick: u8| format!("n{}", usize::from(pick) % i.max(1));
        let name = format!("n{i}");
        let (vpc_name, table) = (before(*first), before(*second));
        graph.add(Layer::Network, &name, vpc()).unwrap();
        if i > 0 {
            graph.add(Layer::Network, &name, RouteTable { vpc: Ref::new(&vpc_name), tags: Tags::new() }).unwrap();
            let gateway = InternetGateway { vpc: Ref::new(&vpc_name), tags: Tags::new() };
            graph.add(Layer::Network, &name, gateway).unwrap();
        }
        if i > 1 && table != "n0" && vpc_name != "n0" {
            let target = RouteTarget::InternetGateway(Ref::new(&vpc_name).into());
            graph.add(Layer::Network, &name, route(&table, target)).unwrap();
        }
    }
    graph
}

proptest! {
    #[test]
    fn an_order_respects_every_reference(edges in prop::collection::vec(any::<(u8, u8)>(), 1..40)) {
        let graph = random_graph(&edges);
        let order = graph.order().unwrap();
        prop_assert_eq!(order.len(), graph.nodes().count());
        let place: BTreeMap<&NodeId, usize> = order.iter().enumerate().map(|(i, id)| (*id, i)).collect();
        for (id, node) in graph.nodes() {
            for need in node.references() {
                prop_assert!(place[&need] < place[id], "{} before {}", id, need);
            }
        }
        // The same nodes, added in reverse order.
        let mut reversed = Graph::new("a.example.com", "us-east-1", Lifecycles::default());
        let nodes: Vec<_> = graph.nodes().map(|(id, node)| (id.clone(), node.clone())).collect();
        reversed.nodes.extend(nodes.into_iter().rev());
        prop_assert_eq!(reversed.order().unwrap(), order);
    }

    #[test]
    fn a_removed_node_is_reported(edges in prop::collection::vec(any::<(u8, u8)>(), 1..40), pick in any::<prop::sample::Index>()) {
        let mut graph = random_graph(&edges);
        let ids: Vec<NodeId> = graph.nodes().map(|(id, _)| id.clone()).collect();
        let removed = pick.get(&ids);
        graph.remove(removed);
        let needing: Vec<Dangling> = graph
            .nodes()
            .filter(|(_, node)| node.references().contains(removed))
            .map(|(id, _)| Dangling { from: id.to_string(), to: removed.clone() })
            .collect();
        match graph.check() {
            Ok(()) => prop_assert!(needing.is_empty()),
            Err(error) => prop_assert_eq!(error, GraphError::Dangling(needing)),
        }
    }
}
