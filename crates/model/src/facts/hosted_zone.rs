//! The hosted zone of a spec, among the known ones.

use super::Facts;
use kopsform_diagnostics::Explain;
use kopsform_spec::v1alpha2::DnsType;

/// Why no single hosted zone matches.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostedZoneError {
    /// No zone has the id.
    #[error("there is no hosted zone {0}")]
    Unknown(String),
    /// No zone fits.
    #[error("no {kind} hosted zone for {domain}")]
    None {
        /// `public` or `private`.
        kind: &'static str,
        /// The name that is looked for.
        domain: String,
    },
    /// Several zones of the same name fit.
    #[error("several {kind} hosted zones for {domain}: {}", zones.join(", "))]
    Several {
        /// `public` or `private`.
        kind: &'static str,
        /// The name that is looked for.
        domain: String,
        /// Their ids.
        zones: Vec<String>,
    },
}

impl Explain for HostedZoneError {
    fn hints(&self) -> Vec<String> {
        let hint = match self {
            Self::Unknown(_) => {
                "name another one in spec.dnsZone, or none to have it found by the cluster's name".to_owned()
            }
            Self::None { domain, .. } => {
                let parent = domain.split_once('.').map_or(domain.as_str(), |(_, parent)| parent);
                format!("create a hosted zone such as {parent}, set spec.dnsZone, or use spec.topology.dns.type: None")
            }
            Self::Several { .. } => "set spec.dnsZone to the id of the one that is meant".to_owned(),
        };
        vec![hint]
    }
}

/// The id of the zone with the longest name that contains a domain, public or private as the DNS type says.
///
/// # Errors
/// When there is none, or several share that name.
pub fn hosted_zone_holding<'a>(facts: &'a Facts, domain: &str, kind: DnsType) -> Result<&'a str, HostedZoneError> {
    let fitting = zones_holding(facts, domain, Some(kind));
    let longest = fitting.iter().map(|(_, name)| name.len()).max().unwrap_or_default();
    let ids = fitting.into_iter().filter(|(_, name)| name.len() == longest).map(|(id, _)| id);
    one(ids.collect(), domain, kind)
}

/// The id of the zone that `spec.dnsZone` names, by id or by domain; a domain also has the privacy of the DNS type.
///
/// # Errors
/// When there is none, or several have that name.
pub fn hosted_zone_named<'a>(facts: &'a Facts, wanted: &str, kind: DnsType) -> Result<&'a str, HostedZoneError> {
    if let Some(id) = by_id(facts, wanted) {
        return Ok(id);
    }
    if !wanted.contains('.') {
        return Err(HostedZoneError::Unknown(wanted.to_owned()));
    }
    let domain = domain_of(wanted);
    let same = zones_holding(facts, domain, Some(kind)).into_iter().filter(|(_, name)| *name == domain);
    one(same.map(|(id, _)| id).collect(), domain, kind)
}

/// Whether a zone with this id, or any zone that contains this domain, is known.
pub(super) fn knows_hosted_zone(facts: &Facts, wanted: &str) -> bool {
    by_id(facts, wanted).is_some() || !zones_holding(facts, wanted, None).is_empty()
}

fn domain_of(text: &str) -> &str {
    text.trim_end_matches('.')
}

fn by_id<'a>(facts: &'a Facts, wanted: &str) -> Option<&'a str> {
    facts.hosted_zones.get_key_value(wanted.trim_start_matches("/hostedzone/")).map(|(id, _)| id.as_str())
}

/// Ids and names of the zones that contain a domain.
fn zones_holding<'a>(facts: &'a Facts, domain: &str, kind: Option<DnsType>) -> Vec<(&'a str, &'a str)> {
    let domain = domain_of(domain);
    let holds = |zone: &str| domain == zone || domain.strip_suffix(zone).is_some_and(|rest| rest.ends_with('.'));
    facts
        .hosted_zones
        .iter()
        .filter(|(_, zone)| kind.is_none_or(|kind| zone.private == (kind == DnsType::Private)))
        .map(|(id, zone)| (id.trim_start_matches("/hostedzone/"), domain_of(&zone.name)))
        .filter(|(_, name)| holds(name))
        .collect()
}

fn one<'a>(ids: Vec<&'a str>, domain: &str, kind: DnsType) -> Result<&'a str, HostedZoneError> {
    let kind = if kind == DnsType::Private { "private" } else { "public" };
    let domain = domain_of(domain).to_owned();
    match ids.as_slice() {
        [id] => Ok(id),
        [] => Err(HostedZoneError::None { kind, domain }),
        several => {
            Err(HostedZoneError::Several { kind, domain, zones: several.iter().map(|id| (*id).to_owned()).collect() })
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::facts::HostedZoneFact;

    fn facts(zones: &[(&str, &str, bool)]) -> Facts {
        let zone = |name: &str, private| HostedZoneFact { name: name.to_owned(), private, vpcs: Vec::new() };
        let hosted_zones = zones.iter().map(|(id, name, private)| ((*id).to_owned(), zone(name, *private)));
        Facts { hosted_zones: hosted_zones.collect(), ..Facts::default() }
    }

    #[test]
    fn the_longest_zone_of_the_right_kind_holds_a_domain() {
        let facts =
            facts(&[("Z1", "example.com.", false), ("Z2", "k8s.example.com", false), ("Z3", "k8s.example.com", true)]);
        let zone = |domain, kind| hosted_zone_holding(&facts, domain, kind).unwrap();
        assert_eq!(zone("a.k8s.example.com", DnsType::Public), "Z2");
        assert_eq!(zone("a.k8s.example.com.", DnsType::Private), "Z3");
        assert_eq!(zone("b.example.com", DnsType::Public), "Z1");
    }

    #[test]
    fn none_and_several_are_errors_that_say_so() {
        let facts = facts(&[("Z1", "example.com", false), ("Z2", "example.com", false)]);
        let error = |domain| hosted_zone_holding(&facts, domain, DnsType::Public).unwrap_err().to_string();
        assert_eq!(error("a.example.com"), "several public hosted zones for a.example.com: Z1, Z2");
        assert_eq!(error("a.badexample.com"), "no public hosted zone for a.badexample.com");
        let named = hosted_zone_named(&facts, "example.com", DnsType::Public).unwrap_err();
        assert!(matches!(named, HostedZoneError::Several { .. }), "{named}");
        assert!(named.hints()[0].contains("spec.dnsZone"));
    }

    #[test]
    fn a_zone_is_named_by_id_or_by_its_whole_domain() {
        let facts = facts(&[("Z1", "example.com", false), ("Z2", "example.com", true)]);
        let zone = |wanted, kind| hosted_zone_named(&facts, wanted, kind).ok();
        assert_eq!(zone("/hostedzone/Z2", DnsType::Public), Some("Z2"), "an id is used as is");
        assert_eq!(zone("example.com.", DnsType::Private), Some("Z2"));
        assert_eq!(zone("example.com", DnsType::Public), Some("Z1"));
        assert_eq!(zone("a.example.com", DnsType::Public), None);
        let unknown = hosted_zone_named(&facts, "Z9", DnsType::Public).unwrap_err();
        assert_eq!(unknown.to_string(), "there is no hosted zone Z9");
        assert!(knows_hosted_zone(&facts, "a.example.com") && !knows_hosted_zone(&facts, "example.org"));
    }
}
