//! Logical ids: what resources are called in a template.
//!
//! CloudFormation takes a resource with another logical id for another resource, which it creates and whose predecessor it deletes.
//! So an id depends only on the kind and the name of its own node: `LaunchTemplateNodes` for `nodes.a.example.com`. Ids have
//! letters and digits only, so different names may read the same. Of those, the one that the id spells in a unique way has the plain
//! id, and the others carry a hash of their names.

use sha2::{Digest as _, Sha256};

/// Networks that names of rules and routes contain, with their names in ids.
const NETWORKS: [(&str, &str); 3] = [("0.0.0.0/0", "any-ipv4"), ("::/0", "any-ipv6"), ("64:ff9b::/96", "nat-64")];

/// Prefixes of version numbers: digits after them do not start a new part.
const VERSIONED: [&str; 1] = ["ipv"];

/// The id of a resource: what all of its kind begin with, and its name. `others` are the prefixes of other kinds.
pub fn logical_id(prefix: &str, name: &str, others: &[&str]) -> String {
    let words = words_for(name);
    let id = format!("{prefix}{}", pascal_case(words.as_deref().unwrap_or(name)));
    // `RouteTableX` may be the table X or the route table-x.
    let is_of_other = others.iter().any(|other| other.len() > prefix.len() && id.starts_with(other));
    let is_plain = !is_of_other && words.is_some_and(|words| spelled(&id[prefix.len()..]) == words);
    if is_plain { id } else { format!("{id}X{}", hash(&format!("{prefix}/{name}"))) }
}

/// The name without the networks in it; `None` if it reads as if it had one.
fn words_for(name: &str) -> Option<String> {
    if NETWORKS.iter().any(|(_, words)| name.contains(words)) {
        return None;
    }
    let replaced = NETWORKS.iter().fold(name.to_owned(), |name, (network, words)| name.replace(network, words));
    Some(replaced)
}

/// The parts of a name, each with a capital letter.
fn pascal_case(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words
        .flat_map(|word| {
            let mut chars = word.chars();
            let first = chars.next().map(|c| c.to_ascii_uppercase());
            first.into_iter().chain(chars)
        })
        .collect()
}

/// The one name that an id is the plain id of: parts separated by dashes. Digits start a new part, unless the part started with one.
fn spelled(id: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for c in id.chars() {
        let begins = match words.last() {
            None => true,
            Some(_) if c.is_ascii_uppercase() => true,
            Some(word) => {
                let is_lettered = word.starts_with(|c: char| c.is_ascii_alphabetic());
                let after_letter = word.ends_with(|c: char| c.is_ascii_alphabetic());
                c.is_ascii_digit() && is_lettered && after_letter && !VERSIONED.contains(&word.as_str())
            }
        };
        if begins {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(c.to_ascii_lowercase());
        }
    }
    words.join("-")
}

/// Eight hexadecimal digits.
fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(4).map(|byte| format!("{byte:02X}")).collect()
}

/// Letters and digits of a name, in words with capital letters: names of outputs and parameters.
pub fn alphanumeric(name: &str) -> String {
    pascal_case(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kopsform_model::{Text, text};
    use proptest::prelude::*;

    #[test]
    fn ids_read_like_names() {
        for (prefix, name, id) in [
            ("Vpc", "", "Vpc"),
            ("LaunchTemplate", "nodes", "LaunchTemplateNodes"),
            ("LaunchTemplate", "control-plane-us-east-1a", "LaunchTemplateControlPlaneUsEast1a"),
            ("Route", "private-us-east-1a-0.0.0.0/0", "RoutePrivateUsEast1aAnyIpv4"),
            ("Rule", "from-nodes-ingress-tcp-1to2379-masters", "RuleFromNodesIngressTcp1to2379Masters"),
            ("Listener", "api-443", "ListenerApi443"),
        ] {
            assert_eq!(logical_id(prefix, name, &[]), id);
        }
    }

    #[test]
    fn names_that_read_the_same_have_ids_of_their_own() {
        let names = ["a-b", "a.b", "aB", "A-b", "a--b", "-a-b", "a1", "a-1", "1-2", "12", "any-ipv4", "0.0.0.0/0", "é"];
        let ids: std::collections::BTreeSet<String> = names.iter().map(|name| logical_id("K", name, &[])).collect();
        assert_eq!(ids.len(), names.len(), "{ids:?}");
        assert_eq!(logical_id("K", "a-b", &[]), "KAB");
        assert!(logical_id("K", "a.b", &[]).starts_with("KABX"));
    }

    #[test]
    fn kinds_whose_names_continue_others_are_distinguished() {
        let prefixes = ["Route", "RouteTable"];
        assert_eq!(logical_id("RouteTable", "x", &prefixes), "RouteTableX");
        assert_ne!(logical_id("Route", "table-x", &prefixes), "RouteTableX");
        assert_eq!(logical_id("Route", "x", &prefixes), "RouteX");
    }

    #[test]
    fn the_name_of_the_cluster_is_left_out() {
        let cluster = || Text::cluster_name("a.example.com");
        for (name, short) in [
            (cluster(), ""),
            (text!["nodes.", cluster()], "nodes"),
            (
                text!["from-nodes.", cluster(), "-ingress-all-0to0-masters.", cluster()],
                "from-nodes-ingress-all-0to0-masters",
            ),
            (text![cluster(), "-ASGLifecycle"], "ASGLifecycle"),
            (text!["api.", cluster(), "-443"], "api-443"),
        ] {
            assert_eq!(name.without_cluster_name(), short);
        }
    }

    proptest! {
        #[test]
        fn ids_are_alphanumeric_and_differ_for_other_names(
            a in "[a-zA-Z0-9.:/é-]{0,12}", b in "[a-zA-Z0-9.:/é-]{0,12}", p in 0usize..4, q in 0usize..4,
        ) {
            let prefixes = ["Route", "RouteTable", "RouteTableAssociation", "Subnet"];
            let (x, y) = (logical_id(prefixes[p], &a, &prefixes), logical_id(prefixes[q], &b, &prefixes));
            prop_assert!(x.chars().all(|c| c.is_ascii_alphanumeric()), "{}", x);
            prop_assert_eq!(x == y, p == q && a == b, "{} {}", x, y);
        }
    }
}
