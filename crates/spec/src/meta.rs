//! Kubernetes scalars and object metadata as the API uses them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Whether a value is the zero of its type, which Go's `omitempty` leaves out.
pub fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Name, labels and bookkeeping of an object.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ObjectMeta {
    /// The name of the object, unique among its kind.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The namespace; kops objects have none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// Labels; `kops.k8s.io/cluster` names the cluster of an instance group.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Annotations, which kops keeps and does not read.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// When the object was first stored, RFC 3339 in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creation_timestamp: Option<String>,
    /// How often the specification changed since.
    #[serde(skip_serializing_if = "is_default")]
    pub generation: i64,
}

/// A duration in Go's notation, `1h30m`, kept in nanoseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(pub i64);

impl Duration {
    /// A duration of whole seconds.
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds * 1_000_000_000)
    }

    /// Whole seconds, cut off towards zero.
    pub const fn as_secs(self) -> i64 {
        self.0 / 1_000_000_000
    }
}

/// Why a string is not a duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a duration such as 30s, 5m or 1h30m")]
pub struct ParseDurationError(String);

impl FromStr for Duration {
    type Err = ParseDurationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        kopsform_duration::parse(text).map(Self).ok_or_else(|| ParseDurationError(text.to_owned()))
    }
}

/// Prints as Go does: the largest unit first, `1h0m0s`, `1.5s`, `20ms`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&kopsform_duration::format(self.0))
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Duration {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string", "format": "duration",
            "pattern": r"^[-+]?(0|([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h))+$",
        })
    }
}

/// A quantity in Kubernetes' notation, `100m`, `1Gi`, in its canonical spelling.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(pub String);

impl From<&str> for Quantity {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => Self(text),
            serde_json::Value::Number(number) => Self(number.to_string()),
            _ => return Err(serde::de::Error::custom("expected a quantity such as 100m or 1Gi")),
        };
        // An invalid quantity is kept, for validation to report.
        Ok(written.canonical().unwrap_or(written))
    }
}

impl JsonSchema for Quantity {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Quantity".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": ["string", "number"], "format": "amount",
            "pattern": r"^[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][-+]?[0-9]+)?$",
        })
    }
}

/// A count or a percentage: `1` or `"30%"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IntOrString {
    /// A count.
    Int(i32),
    /// A string, mostly a percentage.
    String(String),
}

/// Which way a share of a number is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    Up,
    Down,
}

impl IntOrString {
    /// The count, or the percentage of `total`; any other string is 0, as is a negative count.
    pub fn scaled(&self, total: usize, rounding: Rounding) -> usize {
        match self {
            Self::Int(count) => usize::try_from(*count).unwrap_or(0),
            Self::String(text) => {
                let percent: usize = text.strip_suffix('%').and_then(|p| p.parse().ok()).unwrap_or(0);
                let share = percent.saturating_mul(total);
                match rounding {
                    Rounding::Up => share.div_ceil(100),
                    Rounding::Down => share / 100,
                }
            }
        }
    }
}

impl Default for IntOrString {
    fn default() -> Self {
        Self::Int(0)
    }
}

impl fmt::Display for IntOrString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(number) => write!(f, "{number}"),
            Self::String(text) => f.write_str(text),
        }
    }
}

impl Serialize for IntOrString {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Int(number) => serializer.serialize_i32(*number),
            Self::String(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for IntOrString {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        match &value {
            serde_json::Value::String(text) => Ok(Self::String(text.clone())),
            serde_json::Value::Number(number) => number
                .as_i64()
                .and_then(|n| i32::try_from(n).ok())
                .map(Self::Int)
                .ok_or_else(|| serde::de::Error::custom("expected a 32-bit integer")),
            _ => Err(serde::de::Error::custom("expected an integer or a string")),
        }
    }
}

impl JsonSchema for IntOrString {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "IntOrString".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["integer", "string"], "format": "int-or-string" })
    }
}

/// Bytes that YAML holds in base64. Debug output shows their number only: they may be a private key.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Base64Bytes(pub Vec<u8>);

impl Base64Bytes {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Base64Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Base64Bytes({} bytes)", self.0.len())
    }
}

impl Serialize for Base64Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&base64::engine::general_purpose::STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text: String = String::deserialize(deserializer)?.split_whitespace().collect();
        base64::engine::general_purpose::STANDARD.decode(text).map(Self).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Base64Bytes {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Base64Bytes".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "contentEncoding": "base64" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_print_as_go_prints_them() {
        for (text, printed) in [
            ("10m", "10m0s"),
            ("1h", "1h0m0s"),
            ("48h20m", "48h20m0s"),
            ("0", "0s"),
            ("90s", "1m30s"),
            ("1500ms", "1.5s"),
            ("20ms", "20ms"),
            ("1.5h", "1h30m0s"),
            ("-3s", "-3s"),
            ("1us", "1µs"),
            (".5s", "500ms"),
            ("1.s", "1s"),
            ("1.0000000019s", "1.000000001s"),
            ("9223372036854775807ns", "2562047h47m16.854775807s"),
        ] {
            assert_eq!(text.parse::<Duration>().map(|d| d.to_string()), Ok(printed.to_owned()), "{text}");
        }
        for bad in ["", "5", "m", "1d", "h1", "1h 2m", ".s", "1..2s", "9223372036854775808ns"] {
            assert!(bad.parse::<Duration>().is_err(), "{bad}");
        }
    }
}
