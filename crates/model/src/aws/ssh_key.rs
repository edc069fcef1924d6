//! The SSH key of instances.

use super::resources::KeyPair;
use crate::{Context, DataFile, Graph, GraphError, Input, Layer};

/// Adds the cluster's public key, unless instances get a key that AWS has already, or none.
pub fn build(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    let (Some(name), Some(key)) = (key_name(context), public_key(context)) else { return Ok(()) };
    let resource_name = resource_name(&name);
    let key_pair = KeyPair {
        public_key: DataFile::text("public_key", key),
        tags: context.owned_tags(context.name()),
        key_name: name,
    };
    graph.add(Layer::Security, resource_name, key_pair).map(|_| ())
}

/// The key as launch templates refer to it; `None` where instances have none.
pub(super) fn reference(context: &Context<'_>) -> Option<Input> {
    let name = key_name(context)?;
    Some(match public_key(context) {
        Some(_) => KeyPair::id_of(resource_name(&name)),
        None => Input::Known(name),
    })
}

/// The name from the spec, where an empty one stands for no key, or one made of the key's fingerprint.
fn key_name(context: &Context<'_>) -> Option<String> {
    match &context.cluster.spec.ssh_key_name {
        Some(name) => Some(name.clone()).filter(|name| !name.is_empty()),
        None => {
            let (fingerprint, _) = context.ssh_keys.first_key_value()?;
            Some(format!("kubernetes.{}-{}", context.name(), with_colons(fingerprint)))
        }
    }
}

fn public_key<'a>(context: &Context<'a>) -> Option<&'a str> {
    context.ssh_keys.first_key_value().map(|(_, key)| key.as_str())
}

/// Addresses hold no colons.
fn resource_name(key_name: &str) -> String {
    key_name.replace(':', "")
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
