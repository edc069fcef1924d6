//! Stand-ins for what only exists once the prerequisites are applied: outputs of Terraform, and the facts about them. With them, the
//! Terraform of a new cluster is written before anything is in AWS.

use ipnet::Ipv4Net;
use serde_json::{Value, json};

use super::choices::{Answers, DEFAULT_CIDR, Dns, DnsType, LoadBalancerType, Network};
use kopsform_model::facts::{AccountFact, BucketFact, Facts, HostedZoneFact, ImageFact, SubnetFact, VpcFact};

/// The account that AWS uses in its documentation.
const ACCOUNT: &str = "123456789012";
const VPC: &str = "vpc-00000000000000000";
const GATEWAY: &str = "igw-00000000000000000";
const HOSTED_ZONE: &str = "Z00000000000000000000";
const IMAGE: &str = "ami-00000000000000000";

/// The subnets of a zone.
struct Subnets {
    zone: String,
    private: (String, Ipv4Net),
    public: (String, Ipv4Net),
}

/// The values that outputs.tf would have.
pub(super) fn outputs(answers: &Answers) -> Value {
    let subnets = subnets(answers);
    let vpc_cidr = vpc_cidr(answers).to_string();
    let by_zone = |id: &dyn Fn(usize, &Subnets) -> String| {
        let pairs = subnets.iter().enumerate().map(|(i, subnets)| (subnets.zone.clone(), json!(id(i, subnets))));
        Value::Object(pairs.collect())
    };
    let shared_cidr = answers.shared.as_ref().and_then(|shared| shared.cidr.clone());
    let admin_access = match (answers.admin_access.as_slice(), shared_cidr) {
        ([], Some(cidr)) => vec![cidr],
        ([], None) => vec![vpc_cidr.clone()],
        (given, _) => given.to_vec(),
    };
    let values = json!({
        "region": answers.region,
        "environment": answers.environment,
        "cluster_name": answers.name,
        "cluster_version": answers.kubernetes_version,
        "gossip_cluster": answers.dns == Dns::Gossip,
        "dns_type": dns_type(&answers.dns),
        "hosted_zone_id": hosted_zone(&answers.dns),
        "availability_zones": answers.zones,
        "cluster_master_azs": answers.control_plane_zones,
        "vpc_id": vpc(answers),
        "vpc_cidr_block": vpc_cidr,
        "public_subnet_ids": by_zone(&|_, subnets| subnets.public.0.clone()),
        "private_subnet_ids": by_zone(&|_, subnets| subnets.private.0.clone()),
        "nat_gateway_ids": by_zone(&|i, _| format!("nat-{i:017x}")),
        "admin_access": admin_access,
        "api_load_balancer_type": load_balancer(answers.api_load_balancer),
        "kops_s3_bucket": answers.state_bucket,
        "irsa_enabled": true,
        "irsa_bucket_name": answers.discovery_bucket,
        "karpenter_enabled": false,
        "kops_ami_id": answers.image,
        "kops_master_machine_type": answers.control_plane_size,
        "kops_worker_machine_type": answers.node_size,
        "kops_worker_machine_types_karpenter": [answers.node_size],
        "kops_worker_machine_min_size": 1,
        "kops_worker_machine_max_size": 5,
        "node_cloud_labels": {},
        "ssh_pub_key_path": if answers.ssh_key.is_some() { "../1-prerequisites/ssh-key.pub" } else { "" },
    });
    let output = |value: &Value| json!({ "sensitive": false, "type": type_of(value), "value": value });
    Value::Object(values.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), output(value))).collect())
}

/// A lock file with the facts about these outputs. What is built in is left out.
///
/// # Errors
/// If the facts cannot be encoded.
pub(super) fn lock(answers: &Answers) -> Result<String, serde_json::Error> {
    let vpc = vpc(answers).to_owned();
    let subnet = |zone: &str, (id, cidr): (String, Ipv4Net)| {
        let fact =
            SubnetFact { vpc: vpc.clone(), zone: zone.to_owned(), cidr: cidr.to_string(), ..SubnetFact::default() };
        (id, fact)
    };
    let subnets = subnets(answers)
        .into_iter()
        .flat_map(|subnets| [subnet(&subnets.zone, subnets.private), subnet(&subnets.zone, subnets.public)])
        .collect();
    let bucket =
        |public: bool| BucketFact { region: answers.region.clone(), default_encryption: true, public: Some(public) };
    let hosted_zones = match &answers.dns {
        Dns::Gossip => None,
        Dns::NewZone(of) | Dns::ExistingZone { of, .. } => {
            let private = *of == DnsType::Private;
            let vpcs = if private { vec![vpc.clone()] } else { Vec::new() };
            let fact = HostedZoneFact { name: answers.name.clone(), private, vpcs };
            Some((hosted_zone(&answers.dns).to_owned(), fact))
        }
    };
    let image = ImageFact {
        id: if answers.image.starts_with("ami-") { answers.image.clone() } else { IMAGE.to_owned() },
        architecture: if answers.architecture == "arm64" { "arm64" } else { "x86_64" }.to_owned(),
        root_device_name: "/dev/sda1".to_owned(),
    };
    let network = VpcFact {
        cidr: vpc_cidr(answers).to_string(),
        internet_gateway: Some(GATEWAY.to_owned()),
        ..VpcFact::default()
    };
    let partition = match answers.region.split('-').next() {
        Some("cn") => "aws-cn",
        _ if answers.region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    let facts = Facts {
        version: 1,
        account: Some(AccountFact { id: ACCOUNT.to_owned(), partition: partition.to_owned() }),
        images: [(answers.image.clone(), image)].into(),
        vpcs: [(vpc.clone(), network)].into(),
        subnets,
        hosted_zones: hosted_zones.into_iter().collect(),
        buckets: [(answers.state_bucket.clone(), bucket(false)), (answers.discovery_bucket.clone(), bucket(true))]
            .into(),
        ..Facts::default()
    };
    Ok(serde_json::to_string_pretty(&facts)? + "\n")
}

pub(super) fn dns_type(dns: &Dns) -> &'static str {
    match dns {
        Dns::Gossip | Dns::NewZone(DnsType::Private) | Dns::ExistingZone { of: DnsType::Private, .. } => "Private",
        Dns::NewZone(DnsType::Public) | Dns::ExistingZone { of: DnsType::Public, .. } => "Public",
    }
}

pub(super) fn load_balancer(of: LoadBalancerType) -> &'static str {
    match of {
        LoadBalancerType::Internal => "Internal",
        LoadBalancerType::Public => "Public",
    }
}

fn hosted_zone(dns: &Dns) -> &str {
    match dns {
        Dns::Gossip => "",
        Dns::NewZone(_) => HOSTED_ZONE,
        Dns::ExistingZone { id, .. } => id,
    }
}

fn vpc(answers: &Answers) -> &str {
    match &answers.network {
        Network::New { .. } => VPC,
        Network::Existing { vpc, .. } => vpc,
    }
}

/// The CIDR of the VPC; that of an existing one is not known here.
fn vpc_cidr(answers: &Answers) -> Ipv4Net {
    let cidr = match &answers.network {
        Network::New { cidr } => cidr,
        Network::Existing { .. } => DEFAULT_CIDR,
    };
    cidr.parse().unwrap_or_default()
}

/// The subnets that network.tf makes of the VPC's CIDR.
fn subnets(answers: &Answers) -> Vec<Subnets> {
    let cidr = vpc_cidr(answers);
    let part = |bits: u8, number: usize| {
        let subnets = cidr.subnets(cidr.prefix_len() + bits).ok();
        subnets.and_then(|mut subnets| subnets.nth(number)).unwrap_or_default()
    };
    let existing = |of: fn(&Network) -> &[String], i: usize| of(&answers.network).get(i).cloned();
    let zones = answers.zones.iter().enumerate();
    let id = |i: usize, kind: u8| format!("subnet-{kind:x}{i:016x}");
    zones
        .map(|(i, zone)| Subnets {
            zone: zone.clone(),
            private: (existing(private, i).unwrap_or_else(|| id(i, 0xa)), part(3, i + 1)),
            public: (existing(public, i).unwrap_or_else(|| id(i, 0xb)), part(6, i)),
        })
        .collect()
}

fn private(network: &Network) -> &[String] {
    match network {
        Network::New { .. } => &[],
        Network::Existing { private, .. } => private,
    }
}

fn public(network: &Network) -> &[String] {
    match network {
        Network::New { .. } => &[],
        Network::Existing { public, .. } => public,
    }
}

/// The type of a value, as `terraform output -json` shows it.
fn type_of(value: &Value) -> Value {
    match value {
        Value::Null | Value::String(_) => json!("string"),
        Value::Bool(_) => json!("bool"),
        Value::Number(_) => json!("number"),
        Value::Array(items) => json!(["tuple", items.iter().map(type_of).collect::<Vec<_>>()]),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| (name.clone(), type_of(value)));
            json!(["object", Value::Object(fields.collect())])
        }
    }
}
