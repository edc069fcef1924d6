#![allow(clippy::unwrap_used)]

use super::build;
use crate::aws::resources::{
    ClassicLoadBalancer, Listener, NetworkLoadBalancer, SecurityGroup, SecurityGroupRule, Subnet as SubnetResource,
};
use crate::fixture::{Fixture, group};
use crate::{Graph, In, Ref};
use kopsform_spec::v1alpha2::{
    Api, InstanceGroupRole, LoadBalancerAccess, LoadBalancerClass, LoadBalancerSubnet, LoadBalancerType, Subnet,
    SubnetType,
};

fn with_api(class: LoadBalancerClass, change: impl FnOnce(&mut LoadBalancerAccess)) -> Fixture {
    let mut fixture = Fixture::default();
    let mut access =
        LoadBalancerAccess { class: Some(class), r#type: Some(LoadBalancerType::Public), ..Default::default() };
    change(&mut access);
    fixture.cluster.spec.api = Some(Api { load_balancer: Some(access), ..Api::default() });
    fixture.cluster.spec.kubernetes_api_access = vec!["0.0.0.0/0".into()];
    fixture
}

fn balancer<'a>(graph: &'a Graph, name: &str) -> &'a NetworkLoadBalancer {
    graph.get(&Ref::new(name)).unwrap_or_else(|| panic!("no {name}"))
}

fn subnet(name: &str) -> Ref<SubnetResource> {
    Ref::new(name)
}

#[test]
fn without_a_load_balancer_there_is_nothing() {
    assert!(Fixture::default().build(build).unwrap().is_empty());
}

#[test]
fn public_ones_stand_in_utility_subnets_and_internal_ones_in_private() {
    let graph = with_api(LoadBalancerClass::Network, |_| {}).build(build).unwrap();
    let public = balancer(&graph, "api.a.example.com");
    assert_eq!(public.subnets.len(), 1);
    assert_eq!(public.subnets[0].subnet, subnet("utility.a.example.com"));
    assert!(!public.internal && !public.dual_stack);

    let fixture = with_api(LoadBalancerClass::Network, |api| api.r#type = Some(LoadBalancerType::Internal));
    let graph = fixture.build(build).unwrap();
    let internal = balancer(&graph, "api.a.example.com");
    assert_eq!(internal.subnets[0].subnet, subnet("private.a.example.com"));
    assert!(internal.internal);
}

#[test]
fn one_subnet_a_zone_is_chosen_by_kind_then_control_plane_then_name() {
    let mut fixture = with_api(LoadBalancerClass::Network, |api| api.r#type = Some(LoadBalancerType::Internal));
    let private = |name: &str| Subnet {
        name: name.into(),
        zone: "us-east-1a".into(),
        r#type: Some(SubnetType::Private),
        ..Subnet::default()
    };
    fixture.cluster.spec.subnets.insert(0, private("another"));
    let place = |fixture: &Fixture| {
        let graph = fixture.build(build).unwrap();
        balancer(&graph, "api.a.example.com").subnets[0].subnet.clone()
    };
    assert_eq!(place(&fixture), subnet("private.a.example.com"));
    fixture.groups.iter_mut().for_each(|group| group.spec.subnets = vec!["elsewhere".into()]);
    assert_eq!(place(&fixture), subnet("another.a.example.com"));
    fixture.cluster.spec.subnets[1].r#type = Some(SubnetType::DualStack);
    assert_eq!(place(&fixture), subnet("private.a.example.com"));
}

#[test]
fn a_certificate_makes_a_second_port_for_clients_with_their_own() {
    let fixture = with_api(LoadBalancerClass::Network, |api| api.ssl_certificate = "arn:cert".into());
    let graph = fixture.build(build).unwrap();
    assert_eq!(graph.names_of::<Listener>(), ["api.a.example.com-443", "api.a.example.com-8443"]);
    let listener: &Listener = graph.get(&Ref::new("api.a.example.com-443")).unwrap();
    assert_eq!(listener.tls.as_ref().map(|tls| tls.certificate.as_str()), Some("arn:cert"));
    let rules = graph.names_of::<SecurityGroupRule>();
    assert!(rules.contains(&"tcp-api-cp"));
    assert!(rules.contains(&"from-0.0.0.0/0-ingress-tcp-8443to8443-api-elb.a.example.com"));
}

#[test]
fn fixed_addresses_and_groups_of_ones_own_are_taken_over() {
    let fixture = with_api(LoadBalancerClass::Network, |api| {
        api.security_group_override = Some("sg-own".into());
        api.additional_security_groups = vec!["sg-z".into(), "sg-a".into()];
        api.subnets = vec![LoadBalancerSubnet {
            name: "private".into(),
            private_ipv4_address: Some("10.0.0.10".into()),
            allocation_id: None,
        }];
    });
    let graph = fixture.build(build).unwrap();
    let balancer = balancer(&graph, "api.a.example.com");
    assert_eq!(balancer.security_groups, ["sg-own", "sg-z", "sg-a"].map(In::from));
    assert_eq!(balancer.subnets[0].private_ipv4.as_deref(), Some("10.0.0.10"));
    assert!(graph.names_of::<SecurityGroup>().is_empty());
}

#[test]
fn gossip_nodes_reach_kops_controller_through_it() {
    let mut fixture = with_api(LoadBalancerClass::Network, |_| {});
    fixture.cluster.metadata.name = "a.k8s.local".into();
    let graph = fixture.build(build).unwrap();
    assert!(balancer(&graph, "api.a.k8s.local").cross_zone);
    assert!(graph.names_of::<Listener>().contains(&"api.a.k8s.local-3988"));
    let rules = graph.names_of::<SecurityGroupRule>();
    assert!(rules.contains(&"node-to-elb") && rules.contains(&"kops-controller-elb-to-cp"));
}

#[test]
fn classic_ones_have_one_port() {
    let fixture = with_api(LoadBalancerClass::Classic, |api| api.ssl_certificate = "arn:cert".into());
    let graph = fixture.build(build).unwrap();
    let balancer: &ClassicLoadBalancer = graph.get(&Ref::new("api.a.example.com")).unwrap();
    assert_eq!((balancer.listener.port, balancer.listener.certificate.as_deref()), (443, Some("arn:cert")));
    assert!(!graph.names_of::<SecurityGroupRule>().contains(&"tcp-api-cp"));
}

#[test]
fn ssh_goes_through_bastions_alone() {
    let mut fixture = Fixture::default();
    fixture.groups.push(group("bastion", InstanceGroupRole::Bastion));
    fixture.cluster.spec.ssh_access = vec!["192.0.2.0/24".into(), "pl-1".into()];
    fixture.cluster.spec.subnets[1].cidr = "10.0.1.0/24".into();
    let graph = fixture.build(build).unwrap();
    assert_eq!(graph.names_of::<Listener>(), ["bastion.a.example.com-22"]);
    let rules = graph.names_of::<SecurityGroupRule>();
    for name in [
        "from-192.0.2.0/24-ingress-tcp-22to22-bastion-elb.a.example.com",
        "from-10.0.1.0/24-ingress-tcp-22to22-bastion-elb.a.example.com",
        "from-bastion.a.example.com-ingress-tcp-22to22-masters.a.example.com",
        "icmp-pmtu-ssh-nlb-192.0.2.0/24",
        "icmp-pmtu-ssh-nlb-pl-1",
        "icmpv6-pmtu-ssh-nlb-pl-1",
    ] {
        assert!(rules.contains(&name), "{name} of {rules:#?}");
    }
    let direct = fixture.build(crate::aws::security_groups::build).unwrap();
    assert!(!direct.names_of::<SecurityGroupRule>().iter().any(|name| name.contains("22to22")));
}
