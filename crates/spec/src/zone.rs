//! Availability zones of AWS and their regions.

use crate::v1alpha2::Cluster;

/// The region of an availability zone: `us-east-1` for `us-east-1a`; `None` where the string is not shaped like a zone.
pub fn region_of_zone(zone: &str) -> Option<&str> {
    let region = zone.strip_suffix(|c: char| c.is_ascii_lowercase())?;
    region.ends_with(|c: char| c.is_ascii_digit()).then_some(region)
}

impl Cluster {
    /// The region, from the first subnet with a valid zone; empty where none does.
    pub fn region(&self) -> &str {
        self.spec.subnets.iter().find_map(|subnet| region_of_zone(&subnet.zone)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1alpha2::Subnet;

    #[test]
    fn regions_are_zones_without_their_letter() {
        for (zone, region) in [
            ("us-east-1a", Some("us-east-1")),
            ("us-gov-west-1b", Some("us-gov-west-1")),
            ("us-east-1", None),
            ("us-east-", None),
            ("a", None),
            ("", None),
        ] {
            assert_eq!(region_of_zone(zone), region, "{zone}");
        }
    }

    #[test]
    fn the_first_zone_that_can_be_read_counts() {
        let mut cluster = Cluster::default();
        assert_eq!(cluster.region(), "");
        let subnet = |zone: &str| Subnet { zone: zone.to_owned(), ..Subnet::default() };
        cluster.spec.subnets = vec![subnet(""), subnet("eu-west-1"), subnet("eu-central-1a")];
        assert_eq!(cluster.region(), "eu-central-1");
    }
}
