//! The text of the objects in the store.
//!
//! kops writes YAML with sorted keys and leaves out what is empty; it reads leniently, so unknown fields are dropped.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::api::v1alpha2::{Cluster, InstanceGroup};

/// The version of the API that everything is stored in.
pub const API_VERSION: &str = "kops.k8s.io/v1alpha2";

/// The YAML of an object, with sorted keys.
///
/// The error is the serialiser's text; it can only come from a type that YAML cannot express.
pub fn encode<T: Serialize>(object: &T) -> Result<Vec<u8>, String> {
    let value = serde_yaml::to_value(object).map_err(|error| error.to_string())?;
    serde_yaml::to_string(&sorted(value)).map(String::into_bytes).map_err(|error| error.to_string())
}

/// The YAML of a cluster's spec as the store holds it.
pub fn encode_cluster(cluster: &Cluster) -> Result<Vec<u8>, String> {
    let stored = Cluster { api_version: API_VERSION.to_owned(), kind: "Cluster".to_owned(), ..cluster.clone() };
    encode(&stored)
}

/// The YAML of an instance group as the store holds it.
pub fn encode_instance_group(group: &InstanceGroup) -> Result<Vec<u8>, String> {
    let stored =
        InstanceGroup { api_version: API_VERSION.to_owned(), kind: "InstanceGroup".to_owned(), ..group.clone() };
    encode(&stored)
}

/// Reads an object of the store; unknown fields are dropped. The error is the parser's text.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    serde_yaml::from_slice(bytes).map_err(|error| error.to_string())
}

fn sorted(value: serde_yaml::Value) -> serde_yaml::Value {
    use serde_yaml::Value;
    match value {
        Value::Mapping(mapping) => {
            let mut entries: Vec<(Value, Value)> = mapping.into_iter().map(|(k, v)| (k, sorted(v))).collect();
            entries.sort_by(|(a, _), (b, _)| a.as_str().cmp(&b.as_str()));
            Value::Mapping(entries.into_iter().collect())
        }
        Value::Sequence(items) => Value::Sequence(items.into_iter().map(sorted).collect()),
        other => other,
    }
}
