//! Whether the zones of a spec are zones of its region.

use super::{Facts, LookupError, region_of};
use kopsform_env::{self as env, Environment};
use kopsform_spec::v1alpha2::Cluster;

/// Checks the zones of all subnets, as far as the zones of the region are known.
///
/// # Errors
/// The first subnet whose zone is not in the region.
pub fn check_zones(cluster: &Cluster, facts: &Facts, environment: &Environment) -> Result<(), LookupError> {
    if cluster.is_on_gce() {
        return Ok(());
    }
    let region = region_of(cluster);
    let Some(known) = facts.zones.get(&region).filter(|zones| !zones.is_empty()) else { return Ok(()) };
    if environment.is_set(env::SKIP_REGION_CHECK) {
        return Ok(());
    }
    let strange = cluster.spec.subnets.iter().find(|s| !s.zone.is_empty() && !known.contains(&s.zone));
    match strange {
        None => Ok(()),
        Some(subnet) => Err(LookupError::NoSuchZone {
            subnet: subnet.name.clone(),
            zone: subnet.zone.clone(),
            region,
            known: known.clone(),
        }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use kopsform_diagnostics::Explain as _;
    use kopsform_spec::v1alpha2::Subnet;

    fn cluster(zones: &[&str]) -> Cluster {
        let mut cluster = Cluster::default();
        let subnet = |zone: &&str| Subnet { name: (*zone).to_owned(), zone: (*zone).to_owned(), ..Subnet::default() };
        cluster.spec.subnets = zones.iter().map(subnet).collect();
        cluster
    }

    #[test]
    fn a_zone_that_the_region_lacks_is_named() {
        let zones = ["us-east-1a", "us-east-1b"].map(str::to_owned).to_vec();
        let facts = Facts { zones: [("us-east-1".to_owned(), zones)].into(), ..Facts::default() };
        let check = |zones: &[&str], facts| check_zones(&cluster(zones), facts, &Environment::default());
        assert!(check(&["us-east-1a", "us-east-1b"], &facts).is_ok());
        let error = check(&["us-east-1a", "eu-west-1a"], &facts).unwrap_err();
        assert_eq!(error.to_string(), "subnet eu-west-1a: eu-west-1a is not an availability zone of us-east-1");
        assert!(error.hints()[0].contains("us-east-1b"));
        assert!(check(&["us-east-1q"], &Facts::default()).is_ok(), "nothing is known about the region");
        let skipped = Environment::of([(env::SKIP_REGION_CHECK, "1")]);
        assert!(check_zones(&cluster(&["us-east-1q"]), &facts, &skipped).is_ok());
    }
}
