//! Zones of the clouds and their regions.

/// The region of an availability zone of AWS: `us-east-1` for `us-east-1a`; `None` where the string is not shaped like a zone.
pub fn region_of_zone(zone: &str) -> Option<&str> {
    let region = zone.strip_suffix(|c: char| c.is_ascii_lowercase())?;
    region.ends_with(|c: char| c.is_ascii_digit()).then_some(region)
}

/// The region of a zone of Google Cloud: `us-central1` for `us-central1-a`; `None` where the string is not shaped like a zone.
pub fn region_of_google_zone(zone: &str) -> Option<&str> {
    let (region, letter) = zone.rsplit_once('-')?;
    let is_letter = letter.len() == 1 && letter.bytes().all(|b| b.is_ascii_lowercase());
    (is_letter && region.contains('-') && region.ends_with(|c: char| c.is_ascii_digit())).then_some(region)
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn zones_of_google_cloud_end_in_a_part_of_one_letter() {
        for (zone, region) in [
            ("us-central1-a", Some("us-central1")),
            ("northamerica-northeast1-c", Some("northamerica-northeast1")),
            ("us-central1", None),
            ("us-central1-", None),
            ("us-central1-ab", None),
            ("us-east-1a", None),
            ("a", None),
            ("", None),
        ] {
            assert_eq!(region_of_google_zone(zone), region, "{zone}");
        }
    }
}
