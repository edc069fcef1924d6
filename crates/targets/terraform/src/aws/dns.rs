//! Records and hosted zones.

use crate::block::{AttributeOf, Block, Body};
use crate::layout::DNS_FILE;
use crate::naming::{label_of, short_name};
use crate::readable::place::Place;
use kopsform_model::aws::resources::{AliasTarget, DnsRecord, HostedZone, HostedZoneAssociation};
use kopsform_model::{Lifecycle, Presence, Ref};

impl Block for HostedZone {
    const TYPE: &'static str = "aws_route53_zone";
    const FILE: &'static str = DNS_FILE;

    /// A zone always exists already, so nothing is ever written of it.
    fn write(&self, _: &mut Body<'_, '_>) {}
}

/// The id of a zone as kops spells it: with the prefix of Route 53's answers, unless it was not looked up.
fn zone_id(body: &Body<'_, '_>, zone: &Ref<HostedZone>) -> Option<String> {
    let node = body.node(zone)?;
    let prefix = if node.lifecycle == Lifecycle::Ignore { "" } else { "/hostedzone/" };
    match &node.presence {
        Presence::Existing { id } => id.as_ref().map(|id| format!("{prefix}{id}")),
        Presence::Managed => None,
    }
}

impl Block for HostedZoneAssociation {
    const TYPE: &'static str = "aws_route53_zone_association";
    const FILE: &'static str = DNS_FILE;

    fn write(&self, body: &mut Body<'_, '_>) {
        let zone = zone_id(body, &self.zone);
        body.set("vpc_id", &self.vpc).set("zone_id", zone);
    }
}

impl Block for DnsRecord {
    const TYPE: &'static str = "aws_route53_record";
    const FILE: &'static str = DNS_FILE;

    /// The records of a load balancer share a block.
    fn place(&self, name: &str) -> Place {
        let label = match &self.target {
            AliasTarget::Network(balancer) => short_name(balancer.name()),
            AliasTarget::Classic(balancer) => short_name(balancer.name()),
        };
        Place::Each { label: label_of(&label), key: name.to_owned() }
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        let zone = zone_id(body, &self.zone);
        body.block("alias", |body| {
            body.set("evaluate_target_health", false);
            match &self.target {
                AliasTarget::Network(balancer) => alias(balancer, body),
                AliasTarget::Classic(balancer) => alias(balancer, body),
            }
        })
        .set("name", &self.name)
        .set("type", self.record_type.as_str())
        .set("zone_id", zone);
    }
}

fn alias<T: Block>(balancer: &Ref<T>, body: &mut Body<'_, '_>) {
    body.set("name", AttributeOf(balancer, "dns_name")).set("zone_id", AttributeOf(balancer, "zone_id"));
}
