//! Firewall rules.

use super::InAttribute;
use crate::block::{Block, Body};
use crate::layout::FIREWALL_FILE;
use crate::readable::place::Place;
use kopsform_model::gce::resources::{FirewallRule, Sources};

impl Block for FirewallRule {
    const TYPE: &'static str = "google_compute_firewall";
    const FILE: &'static str = FIREWALL_FILE;

    fn place(&self, name: &str) -> Place {
        match &self.pair {
            Some(pair) => Place::each(&pair.name, if pair.ipv6 { "ipv6" } else { "ipv4" }),
            None => Place::Own(name.to_owned()),
        }
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        body.blocks("allow", &self.allowed, |allowed, body| {
            body.set("ports", &allowed.ports).set("protocol", &allowed.protocol);
        })
        .set("disabled", self.disabled)
        .set("name", &self.name)
        .set("network", InAttribute(&self.network, "name"))
        .set("target_tags", &self.targets);
        match &self.sources {
            Sources::Ranges(ranges) => body.set("source_ranges", ranges),
            Sources::Tags(tags) => body.set("source_tags", tags),
        };
    }
}
