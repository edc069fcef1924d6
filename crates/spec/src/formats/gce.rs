//! Names and addresses of Google Cloud.

use ipnet::IpNet;

use super::FormatError;
use super::net::{cidr, parse_cidr};
use crate::zone::region_of_google_zone;

/// The most characters of a name.
const MAX_NAME: usize = 63;

/// Whether a string is a name of a resource: a lower-case letter, then letters, digits and hyphens, not ending in a hyphen.
pub(crate) fn is_name(text: &str) -> bool {
    text.len() <= MAX_NAME
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Why a string is not the key of a label: 1 to 63 lower-case letters, digits, `_` and `-`, a letter first.
pub fn google_label_key_error(key: &str) -> Option<String> {
    let first = key.chars().next();
    if !first.is_some_and(|c| c.is_alphabetic() && !c.is_uppercase()) {
        return Some(format!("the label {key:?} does not begin with a lower-case letter"));
    }
    label_characters(key).map(|found| format!("the label {key:?} {found}"))
}

/// Why a string is not the value of a label: up to 63 lower-case letters, digits, `_` and `-`.
pub fn google_label_value_error(value: &str) -> Option<String> {
    label_characters(value).map(|found| format!("the value {value:?} {found}"))
}

fn label_characters(text: &str) -> Option<String> {
    if text.chars().count() > MAX_NAME {
        return Some(format!("is longer than {MAX_NAME} characters"));
    }
    let allowed = |c: char| c == '_' || c == '-' || c.is_numeric() || c.is_alphabetic() && !c.is_uppercase();
    text.chars().find(|c| !allowed(*c)).map(|c| format!("contains {c:?}"))
}

pub(super) fn name(text: &str) -> Result<(), FormatError> {
    if is_name(text) {
        return Ok(());
    }
    Err(FormatError::new(format!("{text:?} is not a name that Google Cloud accepts"))
        .hint("up to 63 lower-case letters, digits and hyphens, a letter first and no hyphen last"))
}

/// A project: its id, which begins with a domain and a colon in old organizations.
pub(super) fn project(text: &str) -> Result<(), FormatError> {
    let id = text.rsplit(':').next().unwrap_or(text);
    if (4..=30).contains(&id.len()) && is_name(id) {
        return Ok(());
    }
    let error = FormatError::new(format!("{text:?} is not the id of a project"));
    let number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    Err(error.hint(if number { "write the project's id instead of its number" } else { "such as example-project" }))
}

/// `NAME` of the cluster's project, or `PROJECT/NAME`.
pub(super) fn network(text: &str) -> Result<(), FormatError> {
    let parts: Vec<&str> = text.split('/').collect();
    match parts.as_slice() {
        [name] if is_name(name) => Ok(()),
        [host, name] if project(host).is_ok() && is_name(name) => Ok(()),
        [_] | [_, _] => Err(FormatError::new(format!("{text:?} is not the name of a network"))
            .hint("write NAME, or PROJECT/NAME for a shared VPC")),
        _ => Err(FormatError::new(format!("{text:?} is neither NAME nor PROJECT/NAME"))
            .hint("write the network's name, or PROJECT/NAME for a shared VPC")
            .refused()),
    }
}

pub(super) fn region(text: &str) -> Result<(), FormatError> {
    let (place, number) = text.split_at(text.trim_end_matches(|c: char| c.is_ascii_digit()).len());
    let letters = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    if !number.is_empty() && place.contains('-') && place.split('-').all(letters) {
        return Ok(());
    }
    let error = FormatError::new(format!("{text:?} is not a region such as us-central1"));
    Err(match region_of_google_zone(text) {
        Some(region) => error.hint(format!("{text} is a zone; did you mean {region}?")),
        None => error,
    })
}

pub(super) fn zone(text: &str) -> Result<(), FormatError> {
    let error = || FormatError::new(format!("{text:?} is not a zone such as us-central1-a"));
    match region_of_google_zone(text) {
        Some(of) => region(of).map_err(|_| error()),
        None if region(text).is_ok() => Err(error().hint(format!("{text} is a region; such as {text}-a"))),
        None => Err(error()),
    }
}

/// The egress of a private subnet: nothing or `nat` for Cloud NAT, `External` for none made here.
pub(super) fn egress(text: &str) -> Result<(), FormatError> {
    if matches!(text, "nat" | "External") {
        return Ok(());
    }
    Err(FormatError::new(format!("the egress {text:?} is not supported on Google Cloud"))
        .hint("remove it for Cloud NAT, or write External for routes of your own")
        .refused())
}

/// A network in access lists. kops retries rules with an IPv4 address in IPv6 form for ten minutes and fails.
pub(super) fn access(text: &str) -> Result<(), FormatError> {
    if text.starts_with("pl-") {
        return Err(FormatError::new(format!("{text:?} is a prefix list, which only AWS has"))
            .hint("write its networks instead")
            .refused());
    }
    cidr(text)?;
    match parse_cidr(text) {
        Some(IpNet::V6(net)) if net.addr().to_ipv4_mapped().is_some() => {
            let error = FormatError::new(format!("{text} is an IPv4 network in IPv6 form")).refused();
            let v4 = net.addr().to_ipv4_mapped().zip(net.prefix_len().checked_sub(96));
            Err(match v4 {
                Some((address, length)) => error.hint(format!("write {address}/{length}")),
                None => error,
            })
        }
        _ => Ok(()),
    }
}

pub(super) fn store(text: &str) -> Result<(), FormatError> {
    let invalid = |message: String| FormatError::new(message).hint("write gs://bucket/prefix").refused();
    match text.split_once("://") {
        Some(("gs", rest)) => match rest.split('/').next().unwrap_or_default() {
            "" => Err(invalid(format!("{text:?} has no bucket"))),
            _ => Ok(()),
        },
        Some(("file" | "memfs", _)) => Ok(()),
        Some(("s3" | "do" | "swift" | "azureblob" | "scw" | "hos" | "k8s", _)) => {
            Err(invalid(format!("{text:?} is a store that nodes on Google Cloud cannot read")))
        }
        _ => Err(invalid(format!("{text:?} is not the address of a store"))),
    }
}

/// `PROJECT/IMAGE`, or `IMAGE` of the cluster's project. kops crashes on a URL.
pub(super) fn machine_image(text: &str) -> Result<(), FormatError> {
    let invalid = || FormatError::new(format!("{text:?} is not an image of Google Cloud")).hint("write PROJECT/IMAGE");
    if let Some((_, rest)) = text.split_once("/projects/")
        && let Some((project, image)) = rest.split_once("/global/images/")
    {
        return Err(invalid().hint(format!("write {project}/{image}")).refused());
    }
    match text.split('/').collect::<Vec<_>>().as_slice() {
        _ if text.contains("://") => Err(invalid().refused()),
        [image] | [_, image] if !is_name(image) => Err(invalid()),
        [_] => Ok(()),
        [owner, _] if project(owner).is_ok() => Ok(()),
        [_, _] => Err(invalid()),
        _ => Err(invalid().refused()),
    }
}

/// A predefined type such as `e2-medium` or `n2-standard-4`, or a custom one such as `n2-custom-4-8192`.
pub(super) fn machine_type(text: &str) -> Result<(), FormatError> {
    if is_name(text) && text.contains('-') {
        return Ok(());
    }
    let error = FormatError::new(format!("{text:?} is not a machine type such as e2-standard-2"));
    Err(if text.contains(',') { error.hint("name one; groups have one type on Google Cloud") } else { error })
}

/// The service account of instances: an address, or `default`.
pub(super) fn service_account(text: &str) -> Result<(), FormatError> {
    let account = text.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty() && domain.ends_with(".gserviceaccount.com") && !text.contains(char::is_whitespace)
    });
    if account || text == "default" {
        return Ok(());
    }
    Err(FormatError::new(format!("{text:?} is not a service account"))
        .hint("such as nodes@example-project.iam.gserviceaccount.com, or default"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split<'t>(check: fn(&str) -> Result<(), FormatError>, strings: &[&'t str]) -> Vec<&'t str> {
        strings.iter().copied().filter(|text| check(text).is_ok()).collect()
    }

    #[test]
    fn places_have_the_shapes_of_google_cloud() {
        let strings = ["us-central1", "us-central1-a", "us-east-1a", "northamerica-northeast1", "us1", ""];
        assert_eq!(split(region, &strings), ["us-central1", "northamerica-northeast1"]);
        assert_eq!(split(zone, &strings), ["us-central1-a"]);
        assert_eq!(
            zone("us-central1").map_err(|e| e.hint),
            Err(Some("us-central1 is a region; such as us-central1-a".into()))
        );
    }

    #[test]
    fn networks_have_one_project_at_most() {
        assert_eq!(
            split(network, &["default", "net-host/shared-vpc", "Default", "a/b"]),
            ["default", "net-host/shared-vpc"]
        );
        assert!(network("a/b/c").is_err_and(|error| error.refused));
    }

    #[test]
    fn access_lists_hold_networks_of_both_families() {
        assert_eq!(split(access, &["0.0.0.0/0", "::/0", "pl-1", "::ffff:10.0.0.0/104"]), ["0.0.0.0/0", "::/0"]);
        let hint = access("::ffff:10.0.0.0/104").map_err(|error| error.hint);
        assert_eq!(hint, Err(Some("write 10.0.0.0/8".into())));
    }

    #[test]
    fn images_are_named_with_their_project() {
        let url = "https://www.googleapis.com/compute/v1/projects/cos-cloud/global/images/cos-1";
        let images = ["ubuntu-os-cloud/ubuntu-2404", "own-image", "Image", url, "a/b/c"];
        assert_eq!(split(machine_image, &images), ["ubuntu-os-cloud/ubuntu-2404", "own-image"]);
        assert_eq!(machine_image(url).map_err(|e| e.hint), Err(Some("write cos-cloud/cos-1".into())));
    }

    #[test]
    fn labels_have_lower_case_letters_digits_and_two_marks() {
        for (key, fits) in
            [("team", true), ("a_b-1", true), ("Team", false), ("a/b", false), ("", false), ("1a", false)]
        {
            assert_eq!(google_label_key_error(key).is_none(), fits, "{key}");
        }
        for (value, fits) in [("", true), ("1-a_b", true), ("Fine", false), ("a b", false)] {
            assert_eq!(google_label_value_error(value).is_none(), fits, "{value}");
        }
        assert!(google_label_value_error(&"x".repeat(64)).is_some());
    }
}
