//! The managed zone of a cluster's DNS records.

use crate::defaults::DefaultsError;
use crate::facts::Facts;
use kopsform_spec::names::is_in_zone;
use kopsform_spec::v1alpha2::{Cluster, DnsType};

/// The numeric id of the managed zone with the longest domain that holds the cluster's name. Of several with that domain, the one
/// of the cluster's DNS type is meant.
///
/// # Errors
/// When there is none, or several remain.
pub(in crate::defaults) fn managed_zone<'f>(cluster: &Cluster, facts: &'f Facts) -> Result<&'f str, DefaultsError> {
    let (name, project) = (&cluster.metadata.name, &cluster.spec.project);
    let unknown = || DefaultsError::Unknown { kind: "managed zones of the project", name: project.clone() };
    let zones = facts.gce.managed_zones.get(project).ok_or_else(unknown)?;
    let fitting = || zones.iter().filter(|(_, zone)| is_in_zone(name, &zone.dns_name));
    let longest = fitting().map(|(_, zone)| zone.dns_name.len()).max().unwrap_or_default();
    let longest: Vec<_> = fitting().filter(|(_, zone)| zone.dns_name.len() == longest).collect();
    let private = cluster.dns_type() == DnsType::Private;
    let of_type: Vec<_> = longest.iter().filter(|(_, zone)| zone.private == private).collect();
    match (longest.as_slice(), of_type.as_slice()) {
        ([], _) => {
            Err(DefaultsError::Invalid(format!("spec.dnsZone: the project {project} has no managed zone for {name}")))
        }
        ([(id, _)], _) | (_, [(id, _)]) => Ok(id),
        (several, _) => {
            let names: Vec<&str> = several.iter().map(|(_, zone)| zone.name.as_str()).collect();
            let message = format!("spec.dnsZone: several managed zones fit {name}, name one: {}", names.join(", "));
            Err(DefaultsError::Invalid(message))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::facts::ManagedZoneFact;
    use std::collections::BTreeMap;

    fn zone_of(name: &str, zones: &[(&str, &str, bool)]) -> Result<String, String> {
        let mut cluster = Cluster::default();
        cluster.metadata.name = name.to_owned();
        cluster.spec.project = "p".to_owned();
        let fact = |(id, dns_name, private): &(&str, &str, bool)| {
            let fact = ManagedZoneFact { name: format!("z{id}"), dns_name: (*dns_name).to_owned(), private: *private };
            ((*id).to_owned(), fact)
        };
        let mut facts = Facts::default();
        facts.gce.managed_zones.insert("p".to_owned(), zones.iter().map(fact).collect::<BTreeMap<_, _>>());
        managed_zone(&cluster, &facts).map(str::to_owned).map_err(|error| error.to_string())
    }

    #[test]
    fn the_longest_domain_counts_and_then_the_type() {
        let zones = [("1", "example.com", false), ("2", "a.example.com", false), ("3", "other.com", false)];
        assert_eq!(zone_of("c.a.example.com", &zones).unwrap(), "2");
        assert_eq!(zone_of("c.example.com", &zones).unwrap(), "1");
        assert!(zone_of("c.example.org", &zones).unwrap_err().contains("no managed zone for c.example.org"));
        let both = [("1", "example.com", true), ("2", "example.com", false)];
        assert_eq!(zone_of("c.example.com", &both).unwrap(), "2");
        let twice = [("1", "example.com", false), ("2", "example.com", false)];
        assert!(zone_of("c.example.com", &twice).unwrap_err().ends_with("name one: z1, z2"));
    }
}
