//! Strings that know which part of them is the cluster's name.
//!
//! Most names and tags of a cluster hold its name: `nodes.a.example.com`, `kubernetes.io/cluster/a.example.com`.
//! Builders put them together from parts, so that a target that writes one configuration for several clusters can print
//! the parts (`"nodes.${var.cluster_name}"`) without searching values for something that looks like the name. What a user
//! wrote stays a literal, whatever it looks like.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Add, Deref};

/// A string of known value, with the parts it was made of.
///
/// It reads, compares, sorts and hashes as its value: the parts make no difference.
#[derive(Clone, Default)]
pub struct Text {
    value: String,
    parts: Vec<Part>,
}

/// A part of a [`Text`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The same in every cluster.
    Literal(String),
    /// The cluster's name, a DNS name.
    ClusterName(String),
    /// The cluster's name with a dash for every dot.
    DashedClusterName(String),
    /// A name that was truncated and carries a hash of the whole, so that it cannot be put together from parts.
    Truncated {
        /// What the name is for, unique among the truncated names of a cluster: `api`, `masters`, `queue`.
        purpose: String,
        /// The name.
        name: String,
    },
}

impl Part {
    /// How it reads.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Literal(text) | Self::ClusterName(text) | Self::DashedClusterName(text) => text,
            Self::Truncated { name, .. } => name,
        }
    }
}

impl Text {
    /// The name of a cluster.
    pub fn cluster_name(cluster: &str) -> Self {
        Part::ClusterName(cluster.to_owned()).into()
    }

    /// The name of a cluster with a dash for every dot.
    pub fn dashed_cluster_name(cluster: &str) -> Self {
        Part::DashedClusterName(cluster.replace('.', "-")).into()
    }

    /// A name without that of the cluster, and without the dot or hyphen that separates the two; a truncated name is its purpose.
    /// Empty for what is named after the cluster alone.
    #[must_use]
    pub fn without_cluster_name(&self) -> String {
        let is_separator = |c: char| c == '.' || c == '-';
        let mut short = String::new();
        let mut drops_separator = false;
        for part in self.parts() {
            match part {
                Part::ClusterName(_) | Part::DashedClusterName(_) => {
                    drops_separator = !short.ends_with(is_separator);
                    if !drops_separator {
                        short.pop();
                    }
                }
                Part::Truncated { purpose: text, .. } | Part::Literal(text) => {
                    let rest = if drops_separator { text.strip_prefix(is_separator).unwrap_or(text) } else { text };
                    short.push_str(rest);
                    drops_separator = false;
                }
            }
        }
        short
    }

    /// A name that was truncated and carries a hash of the whole.
    pub fn truncated(purpose: impl Into<String>, name: impl Into<String>) -> Self {
        Part::Truncated { purpose: purpose.into(), name: name.into() }.into()
    }

    /// The value.
    pub fn as_str(&self) -> &str {
        &self.value
    }

    /// What it was made of, in order. Together they read as the value; neighbors are never both literals.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Appends another text.
    pub fn push(&mut self, other: impl Into<Text>) {
        let other = other.into();
        self.value.push_str(&other.value);
        for part in other.parts {
            match (self.parts.last_mut(), part) {
                (Some(Part::Literal(last)), Part::Literal(next)) => last.push_str(&next),
                (_, part) => self.parts.push(part),
            }
        }
    }
}

impl<T: Into<Text>> Add<T> for Text {
    type Output = Text;

    fn add(mut self, other: T) -> Text {
        self.push(other);
        self
    }
}

/// Puts a [`Text`] together: `text!["from-", nodes, "-to-", masters]`.
#[macro_export]
macro_rules! text {
    ($($part:expr),+ $(,)?) => {{
        let mut text = $crate::Text::default();
        $(text.push($part);)+
        text
    }};
}

impl From<Part> for Text {
    fn from(part: Part) -> Self {
        Self { value: part.as_str().to_owned(), parts: vec![part] }
    }
}

impl From<String> for Text {
    fn from(value: String) -> Self {
        if value.is_empty() { Self::default() } else { Part::Literal(value).into() }
    }
}

impl From<&str> for Text {
    fn from(value: &str) -> Self {
        value.to_owned().into()
    }
}

impl From<&String> for Text {
    fn from(value: &String) -> Self {
        value.clone().into()
    }
}

impl From<&Text> for Text {
    fn from(text: &Text) -> Self {
        text.clone()
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.value
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.value
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        &self.value
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Eq for Text {}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.value == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.value == *other
    }
}

impl PartialEq<String> for Text {
    fn eq(&self, other: &String) -> bool {
        self.value == *other
    }
}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        self.value.cmp(&other.value)
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.value, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_read_as_the_value() {
        let text = text!["from-", "nodes.", Text::cluster_name("a.b"), "-", Text::dashed_cluster_name("a.b")];
        assert_eq!(text, "from-nodes.a.b-a-b");
        assert_eq!(
            text.parts(),
            [
                Part::Literal("from-nodes.".to_owned()),
                Part::ClusterName("a.b".to_owned()),
                Part::Literal("-".to_owned()),
                Part::DashedClusterName("a-b".to_owned()),
            ]
        );
        assert!(Text::from("").parts().is_empty());
    }

    #[test]
    fn as_a_key_it_is_its_value() {
        let map = std::collections::BTreeMap::from([(Text::cluster_name("a.b"), 1)]);
        assert_eq!(map.get("a.b"), Some(&1));
        assert_eq!(map.get(&Text::from("a.b")), Some(&1));
    }
}
