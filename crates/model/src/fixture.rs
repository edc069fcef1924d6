//! A small cluster with all that a [`Context`] borrows from, for the tests of builders and of targets.

use std::collections::BTreeMap;

use super::{Context, Graph, GraphError, Kinded, Lifecycles, Platform};
use crate::aws::resources::{Tags, Vpc};
use crate::facts::{AccountFact, Facts, HostedZoneFact, ImageFact, InstanceTypeFact};
use kopsform_env::Environment;
use kopsform_env::features::Features;
use kopsform_pki::Keysets;
use kopsform_spec::v1alpha2::{Cluster, EtcdCluster, EtcdMember, InstanceGroup, InstanceGroupRole, Subnet, SubnetType};

/// What a context borrows from. Tests change it before they build.
#[derive(Debug, Clone)]
pub struct Fixture {
    /// The cluster `a.example.com` in us-east-1 with a private and a utility subnet in zone a.
    pub cluster: Cluster,
    /// A control plane, `master-a`, and workers, `nodes`.
    pub groups: Vec<InstanceGroup>,
    /// An account, the hosted zone Z1 of example.com, an image and an instance type.
    pub facts: Facts,
    /// None.
    pub keysets: Keysets,
    /// None.
    pub secrets: BTreeMap<String, Vec<u8>>,
    /// One key.
    pub ssh_keys: BTreeMap<String, String>,
    /// No variables.
    pub environment: Environment,
    /// The usual features.
    pub features: Features,
}

impl Default for Fixture {
    fn default() -> Self {
        let mut cluster = Cluster::default();
        cluster.metadata.name = "a.example.com".to_owned();
        let spec = &mut cluster.spec;
        spec.config_base = "s3://state/a.example.com".to_owned();
        spec.dns_zone = "Z1".to_owned();
        for (name, kind) in [("private", SubnetType::Private), ("utility", SubnetType::Utility)] {
            spec.subnets.push(Subnet {
                name: name.to_owned(),
                zone: "us-east-1a".to_owned(),
                r#type: Some(kind),
                ..Subnet::default()
            });
        }
        let mut facts = Facts {
            account: Some(AccountFact { id: "123456789012".to_owned(), partition: "aws".to_owned() }),
            ..Facts::default()
        };
        let zone = HostedZoneFact { name: "example.com".to_owned(), ..HostedZoneFact::default() };
        facts.hosted_zones.insert("Z1".to_owned(), zone);
        let image = ImageFact {
            id: "ami-1".to_owned(),
            architecture: "x86_64".to_owned(),
            root_device_name: "/dev/xvda".to_owned(),
        };
        facts.images.insert("image".to_owned(), image);
        facts.instance_types.insert("m6i.large".to_owned(), InstanceTypeFact::default());
        Self {
            cluster,
            groups: vec![group("master-a", InstanceGroupRole::ControlPlane), group("nodes", InstanceGroupRole::Node)],
            facts,
            keysets: Keysets::default(),
            secrets: BTreeMap::new(),
            ssh_keys: BTreeMap::from([("70ac9169".to_owned(), "ssh-rsa AAAA".to_owned())]),
            environment: Environment::default(),
            features: Features::default(),
        }
    }
}

/// A group in the private subnet, with image and instance type.
pub fn group(name: &str, role: InstanceGroupRole) -> InstanceGroup {
    let mut group = InstanceGroup::default();
    group.metadata.name = name.to_owned();
    group.spec.role = Some(role);
    group.spec.image = "image".to_owned();
    group.spec.machine_type = "m6i.large".to_owned();
    group.spec.subnets = vec!["private".to_owned()];
    group
}

impl Fixture {
    /// The same cluster on Google Cloud, in the project `p` and the region us-test1: `master-a` in zone a, `nodes` in zones a and
    /// b, one member of etcd, and no DNS records that need a zone.
    pub fn google() -> Self {
        let mut fixture = Self { facts: Facts::default(), ..Self::default() };
        let spec = &mut fixture.cluster.spec;
        spec.cloud_provider = "gce".to_owned();
        spec.project = "p".to_owned();
        spec.config_base = "gs://state/a.example.com".to_owned();
        spec.dns_zone = "1001".to_owned();
        for (index, subnet) in spec.subnets.iter_mut().enumerate() {
            subnet.zone = String::new();
            subnet.region = "us-test1".to_owned();
            subnet.cidr = format!("10.0.{}.0/20", 16 * (index + 1));
        }
        let member =
            EtcdMember { name: "a".to_owned(), instance_group: Some("master-a".to_owned()), ..EtcdMember::default() };
        let etcd = EtcdCluster { name: "main".to_owned(), etcd_members: vec![member], ..EtcdCluster::default() };
        spec.etcd_clusters = vec![etcd];
        for (group, zones) in fixture.groups.iter_mut().zip([&["us-test1-a"][..], &["us-test1-a", "us-test1-b"]]) {
            group.spec.image = "ubuntu-os-cloud/ubuntu".to_owned();
            group.spec.machine_type = "e2-medium".to_owned();
            group.spec.zones = zones.iter().map(|zone| (*zone).to_owned()).collect();
        }
        fixture
    }

    /// The graph of a cluster on Google Cloud without the files in the state store; boot scripts have two lines.
    ///
    /// # Errors
    /// As for the builders.
    pub fn google_cluster(&self) -> Result<Graph, GraphError> {
        use crate::gce::{accounts, disks, firewall, load_balancer, managed_groups, network};
        self.google_graph(|context, graph| {
            for builder in [network::build, firewall::build, load_balancer::build, accounts::build, disks::build] {
                builder(context, graph)?;
            }
            for group in context.groups {
                managed_groups::build_group(context, graph, group, Some("#!/bin/bash\ntrue\n".to_owned()))?;
            }
            Ok(())
        })
    }

    /// What a builder adds to an empty graph of Google Cloud.
    ///
    /// # Errors
    /// As for the builder.
    pub fn google_graph(
        &self,
        builder: impl FnOnce(&Context<'_>, &mut Graph) -> Result<(), GraphError>,
    ) -> Result<Graph, GraphError> {
        let project = self.cluster.spec.project.clone();
        let graph = Graph::new(&self.cluster.metadata.name, "us-test1", Lifecycles::default());
        let mut graph = graph.on(Platform::Google { project });
        builder(&self.context(), &mut graph)?;
        Ok(graph)
    }

    /// The context over it.
    pub fn context(&self) -> Context<'_> {
        Context {
            stored: &self.cluster,
            cluster: &self.cluster,
            groups: &self.groups,
            all_groups: &self.groups,
            facts: &self.facts,
            keysets: &self.keysets,
            secrets: &self.secrets,
            ssh_keys: &self.ssh_keys,
            additional_objects: &[],
            environment: &self.environment,
            features: &self.features,
            worker_version: None,
            previous: None,
        }
    }

    /// The network of the cluster.
    ///
    /// # Errors
    /// As for the builder.
    pub fn network(&self) -> Result<Graph, GraphError> {
        self.build(crate::aws::network::build)
    }

    /// What a builder adds to an empty graph.
    pub fn build(
        &self,
        builder: impl FnOnce(&Context<'_>, &mut Graph) -> Result<(), GraphError>,
    ) -> Result<Graph, GraphError> {
        let mut graph = Graph::new(&self.cluster.metadata.name, "us-east-1", Lifecycles::default());
        builder(&self.context(), &mut graph)?;
        Ok(graph)
    }
}

impl Graph {
    /// The names of all resources of a kind, in order.
    pub fn names_of<T: Kinded + 'static>(&self) -> Vec<&str> {
        self.all::<T>().map(|(name, _)| name.as_str()).collect()
    }

    /// Whether there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.nodes().next().is_none()
    }
}

/// A VPC of the cluster's own.
pub fn vpc() -> Vpc {
    Vpc { cidr: "10.0.0.0/16".to_owned(), amazon_ipv6: true, dns_hostnames: true, dns_support: true, tags: Tags::new() }
}
