//! Specs against what was looked up: both are known, and they don't fit each other.

use super::{Facts, region_of};
use kopsform_diagnostics::{Finding, Report, Rule, Severity};
use kopsform_spec::formats::Arn;
use kopsform_spec::names::is_in_zone;
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup};
use kopsform_spec::zone::region_of_google_zone;

/// Reports what the facts say against the specs. Facts that are not known say nothing.
///
/// What kops refuses is an error; of what it accepts, `severity` is that of this run.
pub fn contradictions(cluster: &Cluster, groups: &[InstanceGroup], facts: &Facts, severity: Severity) -> Report {
    let mut report = Report::default();
    let mut found = Found { object: format!("Cluster/{}", cluster.metadata.name), severity, report: &mut report };
    subnets(cluster, facts, &mut found);
    network(cluster, facts, &mut found);
    hosted_zone(cluster, facts, &mut found);
    zones_of_groups(cluster, groups, facts, &mut found);
    if let Some(account) = &facts.account {
        let balancer = cluster.spec.api.as_ref().and_then(|api| api.load_balancer.as_ref());
        let certificate = balancer.map_or("", |balancer| balancer.ssl_certificate.as_str());
        found.account("spec.api.loadBalancer.sslCertificate", certificate, &account.id);
        for (role, arns) in &cluster.spec.external_policies {
            for (i, arn) in arns.iter().enumerate() {
                found.account(&format!("spec.externalPolicies.{role}[{i}]"), arn, &account.id);
            }
        }
        for group in groups {
            found.object = format!("InstanceGroup/{}", group.metadata.name);
            let profile = group.spec.iam.as_ref().and_then(|iam| iam.profile.as_deref());
            found.account("spec.iam.profile", profile.unwrap_or_default(), &account.id);
            for (i, balancer) in group.spec.external_load_balancers.iter().enumerate() {
                let arn = balancer.target_group_arn.as_deref().unwrap_or_default();
                found.account(&format!("spec.externalLoadBalancers[{i}].targetGroupArn"), arn, &account.id);
            }
        }
    }
    report
}

/// Groups on Google Cloud are in zones that exist. kops does not look; that they are of the cluster's region is a rule of
/// `spec::validation`.
fn zones_of_groups(cluster: &Cluster, groups: &[InstanceGroup], facts: &Facts, found: &mut Found<'_>) {
    let region = region_of(cluster);
    let Some(known) = facts.gce.zones.get(&region).filter(|_| cluster.is_on_gce()) else { return };
    let of_cluster = found.object.clone();
    for group in groups {
        found.object = format!("InstanceGroup/{}", group.metadata.name);
        for (i, zone) in group.spec.zones.iter().enumerate() {
            if region_of_google_zone(zone) != Some(region.as_str()) || known.contains(zone) {
                continue;
            }
            let hint = match known.is_empty() {
                true => "correct spec.subnets.region and the zones of the groups".to_owned(),
                false => format!("zones are {}", known.join(", ")),
            };
            found.strict(Rule::UnknownZone, format!("spec.zones[{i}]"), format!("{region} has no zone {zone}"), hint);
        }
    }
    found.object = of_cluster;
}

struct Found<'a> {
    object: String,
    severity: Severity,
    report: &'a mut Report,
}

impl Found<'_> {
    fn error(&mut self, rule: Rule, path: String, message: String, hint: String) {
        self.report.push(Finding::error(rule, path, message).hint(hint).object(self.object.clone()));
    }

    fn strict(&mut self, rule: Rule, path: String, message: String, hint: String) {
        let finding = Finding::strict(self.severity, rule, path, message);
        self.report.push(finding.hint(hint).object(self.object.clone()));
    }

    /// Resources that can't be used from another account.
    fn account(&mut self, path: &str, text: &str, own: &str) {
        let Some(arn) = Arn::parse(text).filter(Arn::is_valid) else { return };
        if arn.account.bytes().all(|b| b.is_ascii_digit()) && !arn.account.is_empty() && arn.account != own {
            let message = format!("it belongs to the account {}, and the cluster is created in {own}", arn.account);
            let hint = format!("use one of {own}, or the credentials of {}", arn.account);
            self.strict(Rule::WrongAccount, path.to_owned(), message, hint);
        }
    }
}

fn subnets(cluster: &Cluster, facts: &Facts, found: &mut Found<'_>) {
    let vpc = &cluster.spec.network_id;
    for (i, subnet) in cluster.spec.subnets.iter().enumerate() {
        let path = |field: &str| format!("spec.subnets[{i}].{field}");
        let Some(existing) = facts.subnets.get(&subnet.id).filter(|_| !subnet.id.is_empty()) else { continue };
        if existing.vpc != *vpc && !vpc.is_empty() {
            let message = format!("{} is in {}, not in {vpc}", subnet.id, existing.vpc);
            let hint = "see spec.networkID: all subnets are in that VPC".to_owned();
            found.error(Rule::OtherVpc, path("id"), message, hint);
        }
        for (field, written, actual) in [("zone", &subnet.zone, &existing.zone), ("cidr", &subnet.cidr, &existing.cidr)]
        {
            if !written.is_empty() && !actual.is_empty() && written != actual {
                let message = format!("{} has the {field} {actual}, not {written}", subnet.id);
                found.error(Rule::DiffersFromCloud, path(field), message, format!("write {field}: {actual}"));
            }
        }
    }
}

fn network(cluster: &Cluster, facts: &Facts, found: &mut Found<'_>) {
    let spec = &cluster.spec;
    let Some(vpc) = facts.vpcs.get(&spec.network_id).filter(|vpc| !vpc.cidr.is_empty()) else { return };
    let known: Vec<&str> = std::iter::once(&vpc.cidr).chain(&vpc.additional_cidrs).map(String::as_str).collect();
    let further = spec.additional_network_cidrs.iter().enumerate();
    let further = further.map(|(i, cidr)| (format!("spec.additionalNetworkCIDRs[{i}]"), cidr));
    for (path, cidr) in std::iter::once(("spec.networkCIDR".to_owned(), &spec.network_cidr)).chain(further) {
        if !cidr.is_empty() && !known.contains(&cidr.as_str()) {
            let message = format!("{} has the network {}, not {cidr}", spec.network_id, known.join(" and "));
            found.strict(Rule::DiffersFromCloud, path, message, format!("write {}", known.join(" or ")));
        }
    }
}

/// Names in a zone that the spec gives by its id. Domains are compared without facts.
fn hosted_zone(cluster: &Cluster, facts: &Facts, found: &mut Found<'_>) {
    let spec = &cluster.spec;
    let id = spec.dns_zone.trim_start_matches("/hostedzone/");
    let Some(zone) = facts.hosted_zones.get(id).filter(|zone| !id.contains('.') && !zone.name.is_empty()) else {
        return;
    };
    if !cluster.publishes_dns_records() {
        return;
    }
    let names = [("spec.dnsZone", &cluster.metadata.name), ("spec.masterPublicName", &spec.master_public_name)];
    for (path, name) in names.into_iter().filter(|(_, name)| !name.is_empty() && !is_in_zone(name, &zone.name)) {
        let message = format!("records of {name} can't be in {id}, the zone of {}", zone.name);
        let hint = format!("name a zone of {name} in spec.dnsZone, or write a name in {}", zone.name);
        found.strict(Rule::OutsideZone, path.to_owned(), message, hint);
    }
}

/// Zones of subnets that the region does not have, as [`super::check_zones`] refuses them.
pub fn unknown_zones(cluster: &Cluster, facts: &Facts) -> Report {
    let mut report = Report::default();
    let region = region_of(cluster);
    let Some(known) = facts.zones.get(&region).filter(|zones| !zones.is_empty()) else { return report };
    for (i, subnet) in cluster.spec.subnets.iter().enumerate() {
        if !subnet.zone.is_empty() && !known.contains(&subnet.zone) {
            let message = format!("{region} has no zone {}", subnet.zone);
            let finding = Finding::error(Rule::BadZone, format!("spec.subnets[{i}].zone"), message);
            let object = format!("Cluster/{}", cluster.metadata.name);
            report.push(finding.hint(format!("zones are {}", known.join(", "))).object(object));
        }
    }
    report
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::facts::{AccountFact, HostedZoneFact, SubnetFact, VpcFact};
    use kopsform_spec::v1alpha2::{Api, LoadBalancerAccess, Subnet};

    fn lines(cluster: &Cluster, facts: &Facts) -> Vec<String> {
        let report = contradictions(cluster, &[], facts, Severity::Warning);
        report.findings.iter().map(|f| format!("{} {}: {}", f.severity, f.path, f.message)).collect()
    }

    fn cluster() -> Cluster {
        let mut cluster = Cluster::default();
        cluster.metadata.name = "a.example.com".to_owned();
        cluster.spec.network_id = "vpc-1".to_owned();
        cluster.spec.network_cidr = "10.20.0.0/16".to_owned();
        for (id, zone) in [("subnet-1", "us-east-1a"), ("subnet-2", "us-east-1b"), ("subnet-3", "us-east-1c")] {
            let (id, zone) = (id.to_owned(), zone.to_owned());
            cluster.spec.subnets.push(Subnet { name: zone.clone(), id, zone, ..Subnet::default() });
        }
        cluster
    }

    #[test]
    fn subnets_and_networks_are_those_of_the_vpc() {
        let mut facts = Facts::default();
        assert_eq!(lines(&cluster(), &facts), [""; 0], "nothing is known");
        let subnet = |vpc: &str, zone: &str| SubnetFact {
            vpc: vpc.to_owned(),
            zone: zone.to_owned(),
            cidr: "10.20.0.0/24".to_owned(),
            ipv6_cidr: None,
        };
        facts.subnets.insert("subnet-1".to_owned(), subnet("vpc-2", "us-east-1a"));
        facts.subnets.insert("subnet-2".to_owned(), subnet("vpc-1", "us-east-1c"));
        facts.subnets.insert("subnet-3".to_owned(), subnet("vpc-1", "us-east-1c"));
        let vpc = VpcFact { cidr: "10.21.0.0/16".to_owned(), ..VpcFact::default() };
        facts.vpcs.insert("vpc-1".to_owned(), vpc.clone());
        assert_eq!(
            lines(&cluster(), &facts),
            [
                "error spec.subnets[0].id: subnet-1 is in vpc-2, not in vpc-1",
                "error spec.subnets[1].zone: subnet-2 has the zone us-east-1c, not us-east-1b",
                "warning spec.networkCIDR: vpc-1 has the network 10.21.0.0/16, not 10.20.0.0/16",
            ]
        );
        facts.subnets.clear();
        facts.vpcs.insert("vpc-1".to_owned(), VpcFact { additional_cidrs: vec!["10.20.0.0/16".to_owned()], ..vpc });
        assert_eq!(lines(&cluster(), &facts), [""; 0]);
    }

    #[test]
    fn names_are_in_the_zone_that_an_id_stands_for() {
        let mut cluster = cluster();
        cluster.spec.dns_zone = "Z1".to_owned();
        cluster.spec.master_public_name = "api.other.org".to_owned();
        let mut facts = Facts::default();
        let zone = |name: &str| HostedZoneFact { name: name.to_owned(), ..HostedZoneFact::default() };
        facts.hosted_zones.insert("Z1".to_owned(), zone("example.com"));
        assert_eq!(
            lines(&cluster, &facts),
            ["warning spec.masterPublicName: records of api.other.org can't be in Z1, the zone of example.com"]
        );
        facts.hosted_zones.insert("Z1".to_owned(), zone("other.org"));
        assert_eq!(
            lines(&cluster, &facts),
            ["warning spec.dnsZone: records of a.example.com can't be in Z1, the zone of other.org"]
        );
    }

    #[test]
    fn groups_on_google_cloud_are_in_zones_that_exist() {
        let mut cluster = Cluster::default();
        cluster.spec.cloud_provider = "gce".to_owned();
        cluster.spec.subnets = vec![Subnet { region: "us-east1".to_owned(), ..Subnet::default() }];
        let mut group = InstanceGroup::default();
        group.metadata.name = "nodes".to_owned();
        // A zone of another region is refused by its name already.
        group.spec.zones = ["us-east1-a", "us-east1-b", "us-west1-a"].map(str::to_owned).to_vec();
        let found = |facts: &Facts| {
            let report = contradictions(&cluster, std::slice::from_ref(&group), facts, Severity::Warning);
            report.findings.iter().map(|f| format!("{} {}: {}", f.object, f.path, f.message)).collect::<Vec<_>>()
        };
        let mut facts = Facts::default();
        assert_eq!(found(&facts), [""; 0], "nothing is known");
        facts.gce.zones.insert("us-east1".to_owned(), vec!["us-east1-b".to_owned(), "us-east1-c".to_owned()]);
        assert_eq!(found(&facts), ["InstanceGroup/nodes spec.zones[0]: us-east1 has no zone us-east1-a"]);
        facts.gce.zones.insert("us-east1".to_owned(), Vec::new());
        assert_eq!(found(&facts).len(), 2, "there is no such region");
    }

    #[test]
    fn certificates_are_of_the_account() {
        let mut cluster = cluster();
        let ssl_certificate = "arn:aws:acm:us-east-1:210987654321:certificate/x".to_owned();
        let balancer = LoadBalancerAccess { ssl_certificate, ..LoadBalancerAccess::default() };
        cluster.spec.api = Some(Api { load_balancer: Some(balancer), ..Api::default() });
        let account = AccountFact { id: "123456789012".to_owned(), partition: "aws".to_owned() };
        let facts = Facts { account: Some(account), ..Facts::default() };
        assert_eq!(
            lines(&cluster, &facts),
            [
                "warning spec.api.loadBalancer.sslCertificate: it belongs to the account 210987654321, and the cluster is created in 123456789012"
            ]
        );
    }

    #[test]
    fn zones_are_those_of_the_region() {
        let zones = vec!["us-east-1a".to_owned(), "us-east-1b".to_owned()];
        let facts = Facts { zones: [("us-east-1".to_owned(), zones)].into(), ..Facts::default() };
        let report = unknown_zones(&cluster(), &facts);
        assert_eq!(
            report.findings[0].to_string().lines().next().unwrap(),
            "Cluster/a.example.com: spec.subnets[2].zone: us-east-1 has no zone us-east-1c"
        );
        assert_eq!(report.findings.len(), 1);
    }
}
