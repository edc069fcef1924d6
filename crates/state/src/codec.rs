//! The format of the objects in the store.
//!
//! kops writes YAML with sorted keys and leaves out what is empty; it reads leniently, so unknown fields are dropped.

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use kopsform_diagnostics::{Finding, Report, Rule};
use kopsform_spec::decode::{ApiObject, Strictness, decode_one};
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup};

/// The version of the API that everything is stored in.
pub const API_VERSION: &str = "kops.k8s.io/v1alpha2";

/// The YAML of an object, with sorted keys.
///
/// The error is the serializer's message; only a type that JSON cannot express causes one.
pub fn encode<T: Serialize>(object: &T) -> Result<Zeroizing<Vec<u8>>, String> {
    let value = serde_json::to_value(object).map_err(|error| error.to_string())?;
    Ok(Zeroizing::new(kopsform_yaml::to_string(&value).into_bytes()))
}

/// A cluster as the store holds it: with its version and kind.
pub fn stored_cluster(cluster: &Cluster) -> Cluster {
    Cluster { api_version: API_VERSION.to_owned(), kind: "Cluster".to_owned(), ..cluster.clone() }
}

/// An instance group as the store holds it: with its version and kind.
pub fn stored_instance_group(group: &InstanceGroup) -> InstanceGroup {
    InstanceGroup { api_version: API_VERSION.to_owned(), kind: "InstanceGroup".to_owned(), ..group.clone() }
}

/// Reads an object of the store; unknown fields are dropped.
pub fn decode<T: ApiObject>(url: &str, bytes: &[u8]) -> Result<T, Report> {
    let text = std::str::from_utf8(bytes).map_err(|_| Finding::error(Rule::NotText, "", "not valid UTF-8"))?;
    decode_one::<T>(url, text, Strictness::Stored).map(|(decoded, _)| decoded.object)
}

/// The SHA-256 digest of some bytes, in hex.
pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
