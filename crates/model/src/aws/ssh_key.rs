//! The SSH key of instances.

use super::resources::KeyPair;
use crate::{Context, Graph, GraphError, In, Layer, Ref, Text, text};

/// Adds the cluster's public key, unless instances get a key that AWS has already, or none.
pub fn build(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    let (Some(name), Some(key)) = (key_name(context), public_key(context)) else { return Ok(()) };
    let key_pair =
        KeyPair { name: name.clone(), public_key: key.to_owned(), tags: context.owned_tags(context.cluster_name()) };
    graph.add(Layer::Security, name, key_pair).map(|_| ())
}

/// The key as launch templates refer to it; `None` where instances have none.
pub(super) fn reference(context: &Context<'_>) -> Option<In<KeyPair>> {
    let name = key_name(context)?;
    Some(match public_key(context) {
        Some(_) => Ref::new(name).into(),
        None => In::Existing(name.into()),
    })
}

/// The name from the spec, where an empty one stands for no key, or one made of the key's fingerprint.
fn key_name(context: &Context<'_>) -> Option<Text> {
    match &context.cluster.spec.ssh_key_name {
        Some(name) => (!name.is_empty()).then(|| name.into()),
        None => {
            let (fingerprint, _) = context.ssh_keys.first_key_value()?;
            Some(text!["kubernetes.", context.cluster_name(), "-", with_colons(fingerprint)])
        }
    }
}

fn public_key<'a>(context: &Context<'a>) -> Option<&'a str> {
    context.ssh_keys.first_key_value().map(|(_, key)| key.as_str())
}

/// `70ac91…` as `70:ac:91:…`.
fn with_colons(fingerprint: &str) -> String {
    let digits: Vec<char> = fingerprint.chars().filter(|c| *c != ':').collect();
    digits.chunks(2).map(|pair| pair.iter().collect::<String>()).collect::<Vec<_>>().join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_have_colons_between_bytes() {
        assert_eq!(with_colons("70ac9169"), "70:ac:91:69");
        assert_eq!(with_colons("70:ac:91:69"), "70:ac:91:69");
    }
}
