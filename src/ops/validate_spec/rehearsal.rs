//! What `update cluster` would refuse: defaults are filled in as it does, so that its errors are found before anything is
//! stored.
//!
//! Facts come from a lock file, if one is given. What it lacks is replaced with stand-ins that contradict nothing, so errors
//! that depend on facts are found only with a lock file.

use std::collections::BTreeMap;

use crate::ops::support::default_errors::finding_of;
use kopsform_diagnostics::{Explain as _, Finding, Report, Rule, Severity};
use kopsform_env::Environment;
use kopsform_env::features::Features;
use kopsform_model::defaults::{self, DefaultsContext, DefaultsError};
use kopsform_model::facts::{
    AccountFact, BucketFact, Facts, HostedZoneFact, ImageFact, InstanceTypeFact, ManagedZoneFact, Needs, NetworkFact,
    SubnetFact, VpcFact, contradictions, unknown_zones,
};
use kopsform_model::nodeup::{self, NodeupError};
use kopsform_model::{Context, GraphError, rehearse};
use kopsform_pki::Keysets;
use kopsform_spec::channel::Channel;
use kopsform_spec::decode::Decoded;
use kopsform_spec::v1alpha2::{Cluster, DnsType, InstanceGroup};

/// Checks a cluster with its groups; `recorded` are the facts of a lock file.
pub fn check(
    cluster: &Decoded<Cluster>,
    groups: &[&Decoded<InstanceGroup>],
    recorded: Option<&Facts>,
    features: &Features,
) -> Report {
    let objects: Vec<InstanceGroup> = groups.iter().map(|group| group.object.clone()).collect();
    let mut report = Report::default();
    if let Some(facts) = recorded {
        report.extend(contradictions(&cluster.object, &objects, facts, Severity::Error));
        report.extend(unknown_zones(&cluster.object, facts));
    }
    if !report.has_errors() {
        let facts = with_stand_ins(&cluster.object, &objects, recorded.cloned().unwrap_or_default());
        let environment = Environment::default();
        let context = DefaultsContext {
            facts: &facts,
            features,
            environment: &environment,
            channel: Some(Channel::stable()),
            worker_version: None,
        };
        let mut object = cluster.object.clone();
        let scheme = if object.is_on_gce() { "gs" } else { "s3" };
        if !object.spec.config_base.starts_with(&format!("{scheme}://")) {
            // `create` and `replace` set it to the address in their state store, which may be a local one for now.
            object.spec.config_base = format!("{scheme}://state/{}", object.metadata.name);
        }
        report.extend(complete(&object, &objects, &context));
    }
    let by_name: BTreeMap<String, &Decoded<InstanceGroup>> =
        groups.iter().map(|group| (format!("InstanceGroup/{}", group.object.metadata.name), *group)).collect();
    for finding in &mut report.findings {
        match by_name.get(&finding.object) {
            Some(group) => group.locations.place(finding),
            None => cluster.locations.place(finding),
        }
    }
    report
}

/// The errors of filling in defaults: the first one of the cluster, or one of each group.
fn complete(cluster: &Cluster, groups: &[InstanceGroup], context: &DefaultsContext<'_>) -> Report {
    let mut report = Report::default();
    let name = &cluster.metadata.name;
    let completed = match defaults::complete(cluster, groups, context) {
        Ok(completed) => completed,
        Err(error) if depends_on_stand_ins(&error) => return report,
        Err(error) => return finding_of(&error, name).into(),
    };
    let mut populated = Vec::new();
    for group in groups {
        match defaults::populate_group(&completed, group, context) {
            Ok(group) => populated.push(group),
            Err(error) if depends_on_stand_ins(&error) => {}
            Err(error) => report.push(finding_of(&error, name)),
        }
    }
    if let Err(error) = nodeup::assets_without_hash(&completed, &populated, context) {
        let path = match &error {
            NodeupError::NoDownload { tool: "runc", .. } => "spec.containerd.runc.version",
            NodeupError::NoDownload { .. } => "spec.containerd.version",
            _ => "",
        };
        let finding = Finding::error(Rule::RefusedByUpdate, path, error.to_string());
        report.push(finding.object(format!("Cluster/{name}")));
    }
    if populated.len() == groups.len() && !report.has_errors() {
        report.extend(built(cluster, &completed, populated, context));
    }
    report
}

/// What cannot be expressed in the cloud.
fn built(
    stored: &Cluster,
    completed: &Cluster,
    mut groups: Vec<InstanceGroup>,
    context: &DefaultsContext<'_>,
) -> Report {
    groups.sort_by(|a, b| a.metadata.name.cmp(&b.metadata.name));
    let (keysets, secrets, ssh_keys) = (Keysets::default(), BTreeMap::new(), BTreeMap::new());
    let context = Context {
        stored,
        cluster: completed,
        groups: &groups,
        all_groups: &groups,
        facts: context.facts,
        keysets: &keysets,
        secrets: &secrets,
        ssh_keys: &ssh_keys,
        additional_objects: &[],
        environment: context.environment,
        features: context.features,
        worker_version: None,
        previous: None,
    };
    let Err(error) = rehearse(&context) else { return Report::default() };
    let of_cluster = format!("Cluster/{}", completed.metadata.name);
    let (object, path, message) = match &error {
        GraphError::Unsupported { path, message } => match path.split_once(": ") {
            Some((object, path)) => (object.to_owned(), path.to_owned(), message.clone()),
            None => (of_cluster, path.clone(), message.clone()),
        },
        _ => (of_cluster, String::new(), error.to_string()),
    };
    let mut finding = Finding::error(Rule::RefusedByUpdate, path, message).object(object);
    finding.hint = error.hints().into_iter().next();
    finding.into()
}

/// Whether it may be the stand-in for a fact that makes an error.
fn depends_on_stand_ins(error: &DefaultsError) -> bool {
    matches!(
        error,
        DefaultsError::Unknown { .. }
            | DefaultsError::HostedZone(_)
            | DefaultsError::NoImage { .. }
            | DefaultsError::Architecture(_)
    )
}

/// Facts with a stand-in for each that is missing.
fn with_stand_ins(cluster: &Cluster, groups: &[InstanceGroup], mut facts: Facts) -> Facts {
    let spec = &cluster.spec;
    let needs = Needs::of(cluster, groups).missing(&facts);
    let network = if spec.network_cidr.is_empty() { "10.0.0.0/16" } else { spec.network_cidr.as_str() };
    for vpc in needs.vpcs {
        let fact = VpcFact {
            cidr: network.to_owned(),
            additional_cidrs: spec.additional_network_cidrs.clone(),
            ipv6_cidr: cluster.is_ipv6_only().then(|| "2001:db8::/56".to_owned()),
            internet_gateway: Some("igw-0".to_owned()),
            egress_only_internet_gateway: Some("eigw-0".to_owned()),
        };
        facts.vpcs.insert(vpc, fact);
    }
    for subnet in spec.subnets.iter().filter(|subnet| needs.subnets.contains(&subnet.id)) {
        let cidr = if subnet.cidr.is_empty() { network } else { subnet.cidr.as_str() };
        let fact = SubnetFact {
            vpc: spec.network_id.clone(),
            zone: subnet.zone.clone(),
            cidr: cidr.to_owned(),
            ipv6_cidr: None,
        };
        facts.subnets.insert(subnet.id.clone(), fact);
    }
    let private = cluster.dns_type() == DnsType::Private;
    for (i, zone) in needs.hosted_zones.into_iter().enumerate() {
        let (id, name) = match zone.contains('.') {
            true => (format!("Z{i}"), zone),
            false => (zone, cluster.metadata.name.clone()),
        };
        let vpcs = Vec::from_iter(Some(spec.network_id.clone()).filter(|id| !id.is_empty()));
        facts.hosted_zones.insert(id, HostedZoneFact { name, private, vpcs });
    }
    for kind in needs.instance_types.into_iter().chain(needs.candidate_types) {
        let architectures = vec!["x86_64".to_owned()];
        facts.instance_types.insert(kind, InstanceTypeFact { architectures, ..InstanceTypeFact::default() });
    }
    for image in needs.images {
        let fact =
            ImageFact { id: "ami-0".to_owned(), root_device_name: "/dev/xvda".to_owned(), ..ImageFact::default() };
        facts.images.insert(image, fact);
    }
    for profile in needs.instance_profiles {
        facts.instance_profiles.insert(profile.clone(), vec![profile]);
    }
    for bucket in needs.buckets.into_iter().chain(needs.published_buckets) {
        let fact = BucketFact { region: needs.region.clone(), default_encryption: false, public: Some(true) };
        facts.buckets.insert(bucket, fact);
    }
    for need in needs.gce.networks {
        let fact = NetworkFact { exists: true, ranges: Vec::new() };
        facts.gce.networks.entry(need.project).or_default().insert(need.network, fact);
    }
    for project in needs.gce.managed_zones {
        let private = cluster.dns_type() == DnsType::Private;
        let fact = ManagedZoneFact { name: "zone".to_owned(), dns_name: cluster.metadata.name.clone(), private };
        facts.gce.managed_zones.insert(project, [("1".to_owned(), fact)].into());
    }
    facts.account.get_or_insert_with(|| AccountFact { id: "123456789012".to_owned(), partition: "aws".to_owned() });
    facts
}
