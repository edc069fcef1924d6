//! The hosted zone that a cluster's name lies in.

use super::DefaultsError;
use crate::api::v1alpha2::DnsType;
use crate::lookup::Facts;

/// The id of the zone with the longest name that the domain ends in, of the privacy that the DNS type asks for.
pub(super) fn hosted_zone_for(facts: &Facts, domain: &str, kind: DnsType) -> Result<String, DefaultsError> {
    let domain = domain.trim_end_matches('.');
    let private = kind == DnsType::Private;
    let name_of = |zone: &str| zone.trim_end_matches('.').to_owned();
    let holds = |zone: &str| domain == zone || domain.strip_suffix(zone).is_some_and(|rest| rest.ends_with('.'));
    let fitting: Vec<(&String, usize)> = facts
        .hosted_zones
        .iter()
        .filter(|(_, zone)| zone.private == private && holds(&name_of(&zone.name)))
        .map(|(id, zone)| (id, name_of(&zone.name).len()))
        .collect();
    let longest = fitting.iter().map(|(_, length)| *length).max().unwrap_or_default();
    let ids: Vec<&String> = fitting.iter().filter(|(_, length)| *length == longest).map(|(id, _)| *id).collect();
    match ids.as_slice() {
        [id] => Ok(id.trim_start_matches("/hostedzone/").to_owned()),
        [] => Err(DefaultsError::NoHostedZone {
            kind: if private { "private" } else { "public" },
            domain: domain.to_owned(),
        }),
        several => Err(DefaultsError::AmbiguousHostedZone {
            domain: domain.to_owned(),
            zones: several.iter().map(|id| (*id).clone()).collect(),
        }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::lookup::HostedZoneFact;

    fn facts(zones: &[(&str, &str, bool)]) -> Facts {
        let zone = |name: &str, private| HostedZoneFact { name: name.to_owned(), private, vpcs: Vec::new() };
        let hosted_zones = zones.iter().map(|(id, name, private)| ((*id).to_owned(), zone(name, *private)));
        Facts { hosted_zones: hosted_zones.collect(), ..Facts::default() }
    }

    #[test]
    fn the_longest_suffix_of_the_right_kind_wins() {
        let facts =
            facts(&[("Z1", "example.com.", false), ("Z2", "k8s.example.com", false), ("Z3", "k8s.example.com", true)]);
        let zone = |domain, kind| hosted_zone_for(&facts, domain, kind).unwrap();
        assert_eq!(zone("a.k8s.example.com", DnsType::Public), "Z2");
        assert_eq!(zone("a.k8s.example.com", DnsType::Private), "Z3");
        assert_eq!(zone("b.example.com", DnsType::Public), "Z1");
    }

    #[test]
    fn none_and_several_are_errors_that_say_so() {
        let facts = facts(&[("Z1", "example.com", false), ("Z2", "example.com", false)]);
        let error = |domain| hosted_zone_for(&facts, domain, DnsType::Public).unwrap_err().to_string();
        assert_eq!(error("a.example.com"), "several hosted zones hold a.example.com: Z1, Z2");
        assert_eq!(error("a.badexample.com"), "no public hosted zone holds a.badexample.com");
    }
}
