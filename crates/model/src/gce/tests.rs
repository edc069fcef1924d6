#![allow(clippy::unwrap_used)]

use super::resources::*;
use super::{files, managed_groups, network};
use crate::facts::{Facts, GoogleBucketFact};
use crate::fixture::{Fixture, group};
use crate::{Graph, GraphError, In, ManagedFile, Ref, Text};
use kopsform_spec::v1alpha2::{
    Api, GceNetworking, GuestAccelerator, InstanceGroupRole, LoadBalancerAccess, LoadBalancerType, Networking,
    SubnetType,
};

fn build(change: impl FnOnce(&mut Fixture)) -> Result<Graph, GraphError> {
    let mut fixture = Fixture::google();
    change(&mut fixture);
    fixture.google_cluster()
}

fn balanced(r#type: LoadBalancerType) -> impl Fn(&mut Fixture) {
    move |fixture| {
        let balancer = LoadBalancerAccess { r#type: Some(r#type), ..LoadBalancerAccess::default() };
        fixture.cluster.spec.api = Some(Api { load_balancer: Some(balancer), ..Api::default() });
    }
}

fn rule(graph: &Graph, name: &str) -> Option<FirewallRule> {
    graph.get(&Ref::<FirewallRule>::new(format!("{name}-a-example-com"))).cloned()
}

fn template(change: impl FnOnce(&mut Fixture)) -> InstanceTemplate {
    build(change).unwrap().get(&Ref::<InstanceTemplate>::new("nodes-a-example-com")).unwrap().clone()
}

#[test]
fn every_reference_leads_to_a_node() {
    for change in [balanced(LoadBalancerType::Public), balanced(LoadBalancerType::Internal)] {
        build(change).unwrap().order().unwrap();
    }
    build(|_| ()).unwrap().order().unwrap();
}

#[test]
fn private_subnets_of_the_cluster_are_behind_nat_unless_others_provide_egress() {
    let nat = |change: fn(&mut Fixture)| {
        let graph = build(change).unwrap();
        graph.all::<RouterNat>().next().map(|(_, nat)| nat.subnetworks.len())
    };
    assert_eq!(nat(|_| ()), Some(1));
    assert_eq!(nat(|fixture| fixture.cluster.spec.subnets[0].egress = "nat".into()), Some(1));
    assert_eq!(nat(|fixture| fixture.cluster.spec.subnets[0].egress = "External".into()), None);
    assert_eq!(nat(|fixture| fixture.cluster.spec.subnets[0].id = "existing".into()), None);
    assert_eq!(nat(|fixture| fixture.cluster.spec.subnets[0].r#type = Some(SubnetType::Public)), None);
    let refused = build(|fixture| fixture.cluster.spec.subnets[0].egress = "i-1".into()).unwrap_err();
    assert!(refused.to_string().starts_with("spec.subnets[0].egress: egress \"i-1\" is not supported"), "{refused}");
}

#[test]
fn a_shared_network_qualifies_the_names_of_its_subnets() {
    let graph = build(|fixture| {
        fixture.cluster.spec.network_id = "host/shared".into();
        fixture.cluster.spec.subnets.iter_mut().for_each(|subnet| subnet.id = format!("id-{}", subnet.name));
    })
    .unwrap();
    assert_eq!(graph.all::<Network>().count() + graph.all::<Subnetwork>().count(), 0);
    let template = graph.get(&Ref::<InstanceTemplate>::new("nodes-a-example-com")).unwrap();
    assert_eq!(template.interface.network, In::Existing("host/shared".into()));
    assert_eq!(template.interface.subnetwork, In::Existing("host/id-private".into()));
}

#[test]
fn networks_of_others_are_looked_up_on_google_cloud_only() {
    let mut google = Fixture::google();
    google.cluster.spec.network_id = "shared".into();
    google.cluster.spec.subnets[0].id = "existing".into();
    let found = network::existing(&google.context());
    assert_eq!((found.network.as_deref(), found.subnetworks.len()), (Some("shared"), 1));

    let mut amazon = Fixture::default();
    amazon.cluster.spec.network_id = "vpc-12345678".into();
    amazon.cluster.spec.subnets[0].id = "subnet-12345678".into();
    assert_eq!(network::existing(&amazon.context()), network::ExistingNetwork::default());
}

#[test]
fn ip_aliases_need_secondary_ranges_and_no_forwarding() {
    let aliases = |fixture: &mut Fixture| {
        fixture.cluster.spec.networking = Some(Networking { gce: Some(GceNetworking {}), ..Networking::default() });
        fixture.cluster.spec.pod_cidr = "10.4.0.0/14".into();
        fixture.cluster.spec.service_cluster_ip_range = "10.1.0.0/16".into();
    };
    let graph = build(aliases).unwrap();
    let subnet = graph.get(&Ref::<Subnetwork>::new("private-a-example-com")).unwrap();
    let ranges: Vec<_> = subnet.secondary_ranges.iter().map(|r| (r.name.as_str(), r.cidr.as_str())).collect();
    assert_eq!(ranges, [("pods-a-example-com", "10.4.0.0/14"), ("services-a-example-com", "10.1.0.0/16")]);
    let template = template(aliases);
    assert!(!template.can_ip_forward);
    assert_eq!(template.interface.pods.map(|pods| pods.prefix_length), Some(24));
    let pods = rule(&graph, "pod-cidrs-to-node").unwrap();
    assert_eq!((pods.sources, pods.disabled), (Sources::Ranges(vec!["10.4.0.0/14".into()]), false));
    assert!(rule(&graph, "pod-cidrs-to-node-ipv6").unwrap().disabled);
}

#[test]
fn rules_have_ranges_of_one_address_family() {
    let graph = build(|fixture| {
        fixture.cluster.spec.ssh_access = vec!["203.0.113.7/32".into(), "2001:db8::/48".into()];
        fixture.cluster.spec.kubernetes_api_access = vec!["198.51.100.0/24".into()];
    })
    .unwrap();
    let sources = |name: &str| {
        let rule = rule(&graph, name).unwrap();
        match rule.sources {
            Sources::Ranges(ranges) => (ranges.join(" "), rule.disabled),
            Sources::Tags(tags) => (tags.iter().map(Text::as_str).collect::<Vec<_>>().join(" "), rule.disabled),
        }
    };
    assert_eq!(sources("ssh-external-to-node"), ("203.0.113.7/32".to_owned(), false));
    assert_eq!(sources("ssh-external-to-node-ipv6"), ("2001:db8::/48".to_owned(), false));
    assert_eq!(sources("kubernetes-master-https-ipv6"), ("::/0".to_owned(), true));
    assert_eq!(sources("node-to-node"), ("a-example-com-k8s-io-role-node".to_owned(), false));
}

#[test]
fn bastions_alone_are_reached_from_outside() {
    let graph = build(|fixture| {
        let mut bastions = group("bastions", InstanceGroupRole::Bastion);
        bastions.spec.zones = vec!["us-test1-a".into()];
        fixture.groups.push(bastions);
    })
    .unwrap();
    assert!(rule(&graph, "ssh-external-to-node").is_none());
    assert!(rule(&graph, "ssh-external-to-bastion").is_some());
    let inside = rule(&graph, "bastion-to-node-ssh-ipv6").unwrap();
    assert_eq!(inside.sources, Sources::Tags(vec!["a-example-com-k8s-io-role-bastion".into()]));
    let template = graph.get(&Ref::<InstanceTemplate>::new("bastions-a-example-com")).unwrap();
    assert!(template.interface.has_public_address);
}

#[test]
fn a_public_load_balancer_has_an_internal_one_next_to_it() {
    let graph = build(balanced(LoadBalancerType::Public)).unwrap();
    assert_eq!(graph.names_of::<Address>(), ["api-a-example-com", "api-private-a-example-com"]);
    assert_eq!(graph.names_of::<TargetPool>(), ["api-a-example-com"]);
    let pools = |name: &str| graph.get(&Ref::<InstanceGroupManager>::new(name)).unwrap().target_pools.len();
    assert_eq!((pools("a-master-a-a-example-com"), pools("a-nodes-a-example-com")), (1, 0));
    let internal = build(balanced(LoadBalancerType::Internal)).unwrap();
    assert_eq!(internal.names_of::<ForwardingRule>(), ["api-private-a-example-com"]);
    assert!(internal.names_of::<TargetPool>().is_empty());
}

#[test]
fn api_servers_get_no_connections_to_kops_controller() {
    let graph = build(|fixture| {
        balanced(LoadBalancerType::Internal)(fixture);
        let mut servers = group("apiservers", InstanceGroupRole::ApiServer);
        servers.spec.zones = vec!["us-test1-a".into()];
        fixture.groups.push(servers);
    })
    .unwrap();
    let groups = |name: &str| graph.get(&Ref::<BackendService>::new(name)).unwrap().groups.len();
    assert_eq!((groups("api-a-example-com"), groups("kops-controller-a-example-com")), (2, 1));
    assert_eq!(graph.names_of::<ServiceAccount>(), ["control-plane", "node"]);
}

#[test]
fn instances_are_spread_over_zones() {
    for (total, zones, sizes) in [(3, 2, vec![2, 1]), (2, 3, vec![1, 1, 0]), (0, 2, vec![0, 0]), (4, 1, vec![4])] {
        assert_eq!(managed_groups::sizes(total, zones), sizes);
    }
    let graph = build(|_| ()).unwrap();
    let managers = ["a-master-a-a-example-com", "a-nodes-a-example-com", "b-nodes-a-example-com"];
    assert_eq!(graph.names_of::<InstanceGroupManager>(), managers);
}

#[test]
fn a_control_plane_group_is_in_one_zone() {
    let zones = |fixture: &mut Fixture| fixture.groups[0].spec.zones.push("us-test1-b".into());
    let error = build(zones).unwrap_err().to_string();
    assert!(error.contains("in one zone"), "{error}");
    let error = build(|fixture| fixture.groups[1].spec.subnets.push("utility".into())).unwrap_err().to_string();
    assert!(error.starts_with("InstanceGroup/nodes: spec.subnets: the group has multiple subnets"), "{error}");
}

#[test]
fn spot_instances_and_accelerators_are_stopped_during_maintenance() {
    let plain = template(|_| ());
    assert_eq!((plain.spot, plain.migrates), (false, true));
    let spot = template(|fixture| fixture.groups[1].spec.gcp_provisioning_model = Some("SPOT".into()));
    assert_eq!((spot.spot, spot.migrates), (true, false));
    let gpu = template(|fixture| {
        let accelerator = GuestAccelerator { accelerator_type: "nvidia-tesla-t4".into(), accelerator_count: 1 };
        fixture.groups[1].spec.guest_accelerators = vec![accelerator];
    });
    assert_eq!((gpu.spot, gpu.migrates), (false, false));
    assert!(!template(|fixture| fixture.groups[1].spec.machine_type = "g2-standard-4".into()).migrates);
}

#[test]
fn the_autoscaler_learns_labels_and_taints_of_nodes() {
    let template = template(|fixture| {
        let spec = &mut fixture.groups[1].spec;
        spec.image = "cos-cloud/cos-stable".into();
        spec.node_labels = [("b", "2"), ("a", "1")].map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        spec.taints = vec!["pool=x:NoSchedule".into()];
    });
    assert_eq!(
        template.metadata["kube-env"],
        "AUTOSCALER_ENV_VARS: os_distribution=cos;arch=amd64;os=linux;node_labels=a=1,b=2;node_taints=pool=x:NoSchedule"
    );
    assert_eq!(template.labels["k8s.io/cluster-autoscaler/node-template/taint/pool"], "x:NoSchedule");
    assert_eq!(
        (template.boot_disk.image_project.as_str(), template.boot_disk.image.as_str()),
        ("cos-cloud", "cos-stable")
    );
}

#[test]
fn an_account_that_the_spec_names_gets_no_roles() {
    let graph = build(|fixture| {
        let cloud = fixture.cluster.spec.cloud_config.get_or_insert_default();
        cloud.gce_service_account = "default".into();
    })
    .unwrap();
    assert!(graph.names_of::<ServiceAccount>().is_empty() && graph.names_of::<BucketIamMember>().is_empty());
    let template = graph.get(&Ref::<InstanceTemplate>::new("nodes-a-example-com")).unwrap();
    assert_eq!(template.account, In::Existing("default".into()));
}

#[test]
fn the_control_plane_writes_backups_and_reads_the_state_store() {
    let members = |store: &str| {
        let graph = build(|fixture| {
            for etcd in &mut fixture.cluster.spec.etcd_clusters {
                etcd.backups.get_or_insert_default().backup_store = store.to_owned();
            }
        })
        .unwrap();
        graph.names_of::<BucketIamMember>().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(members("gs://state/a"), ["objectadmin-state-serviceaccount-controlplane"]);
    let elsewhere =
        ["objectadmin-backups-serviceaccount-controlplane", "objectviewer-state-serviceaccount-controlplane"];
    assert_eq!(members("gs://backups/a"), elsewhere);
    assert_eq!(members("file:///backups"), ["objectviewer-state-serviceaccount-controlplane"]);
}

#[test]
fn objects_have_a_list_where_the_bucket_does_not_decide() {
    let mut facts = Facts::default();
    let fact = GoogleBucketFact { object_acl: Some(vec!["READER:user-a".into()]), public: None };
    facts.gce.buckets.entry("p".into()).or_default().insert("fine".into(), fact);
    let mut graph = Fixture::google().google_graph(|_, _| Ok(())).unwrap();
    for bucket in ["fine", "uniform"] {
        let file = ManagedFile { name: bucket.into(), base: format!("gs://{bucket}/a"), ..ManagedFile::default() };
        files::add(&mut graph, &facts, file).unwrap();
    }
    assert_eq!(graph.names_of::<BucketObject>(), ["fine", "uniform"]);
    assert_eq!(graph.names_of::<BucketObjectAcl>(), ["fine"]);
}
