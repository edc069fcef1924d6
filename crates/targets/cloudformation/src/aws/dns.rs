//! Records and hosted zones.

use serde_json::{Value, json};

use crate::declare::Declare;
use crate::outside::Outside;
use crate::property::AttributeOf;
use crate::resource::Stack;
use crate::site::Site;
use kopsform_model::aws::resources::{AliasTarget, DnsRecord, HostedZone, HostedZoneAssociation};
use kopsform_model::{Presence, Ref};

impl Declare for HostedZone {
    const TYPE: &'static str = "AWS::Route53::HostedZone";
    const PREFIX: &'static str = "HostedZone";
    const STACK: Stack = Stack::LoadBalancers;

    /// A zone always exists already, so nothing is ever written of it.
    fn declare(&self, _: &mut Site<'_>) {}
}

/// The id of a zone, without the path that Route 53's answers have.
fn zone_id(site: &Site<'_>, zone: &Ref<HostedZone>) -> String {
    match site.scope.graph.node(&zone.node()).map(|node| &node.presence) {
        Some(Presence::Existing { id: Some(id) }) => id.trim_start_matches("/hostedzone/").to_owned(),
        _ => zone.name().to_string(),
    }
}

impl Declare for HostedZoneAssociation {
    const TYPE: &'static str = HostedZone::TYPE;
    const PREFIX: &'static str = "HostedZoneAssociation";
    const STACK: Stack = Stack::LoadBalancers;

    /// CloudFormation associates only zones that it makes.
    fn declare(&self, site: &mut Site<'_>) {
        let zone = zone_id(site, &self.zone);
        let vpc = site.scope.existing_id(&self.vpc.node()).map(str::to_owned);
        site.outside(Outside::ZoneAssociation { zone, vpc });
    }
}

impl Declare for DnsRecord {
    const TYPE: &'static str = "AWS::Route53::RecordSet";
    const PREFIX: &'static str = "DnsRecord";
    const STACK: Stack = Stack::LoadBalancers;

    fn declare(&self, site: &mut Site<'_>) {
        let zone = zone_id(site, &self.zone);
        site.resource(|body| {
            let (name, target_zone): (Value, Value) = match &self.target {
                AliasTarget::Network(balancer) => (
                    body.value(AttributeOf(balancer, "DNSName")),
                    body.value(AttributeOf(balancer, "CanonicalHostedZoneID")),
                ),
                AliasTarget::Classic(balancer) => (
                    body.value(AttributeOf(balancer, "DNSName")),
                    body.value(AttributeOf(balancer, "CanonicalHostedZoneNameID")),
                ),
            };
            let target = json!({ "DNSName": name, "EvaluateTargetHealth": false, "HostedZoneId": target_zone });
            body.set("AliasTarget", target)
                .set("HostedZoneId", zone)
                .set("Name", &self.name)
                .set("Type", self.record_type.as_str());
        });
    }
}
