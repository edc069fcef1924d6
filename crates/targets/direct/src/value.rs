//! Values of fields, as desired and as found.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use kopsform_model::Text;

use crate::ids::{Attribute, Ids};
use crate::task::TaskId;

/// An attribute of another task, known once that exists.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// The task.
    pub task: TaskId,
    /// Which attribute.
    pub attribute: Attribute,
}

impl Reference {
    /// The id of a task.
    pub fn id(task: TaskId) -> Self {
        Self { task, attribute: Attribute::Id }
    }
}

/// The n-th network of a size inside of a network that is known once its task exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subnetwork {
    /// The whole network.
    pub network: Reference,
    /// Bits of the part's prefix.
    pub prefix_length: u8,
    /// Which part, from 0.
    pub index: i64,
}

impl Subnetwork {
    /// The part of a known network; `None` where it has no such part.
    fn of(&self, network: &str) -> Option<String> {
        let network: ipnet::Ipv6Net = network.parse().ok()?;
        let new_bits = self.prefix_length.checked_sub(network.prefix_len())?;
        let index = u128::try_from(self.index).ok()?;
        if new_bits < 127 && index >> new_bits != 0 {
            return None;
        }
        let offset = index.checked_shl(128_u32.checked_sub(self.prefix_length.into())?)?;
        let address = u128::from(network.network()).checked_add(offset)?;
        ipnet::Ipv6Net::new(address.into(), self.prefix_length).ok().map(|part| part.to_string())
    }
}

/// The value of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A truth value.
    Bool(bool),
    /// A number.
    Number(i64),
    /// A string.
    Text(String),
    /// Values in order.
    List(Vec<Value>),
    /// Values whose order has no meaning.
    Set(Vec<Value>),
    /// Values that must be among those found, which may be more.
    Includes(Vec<Value>),
    /// Strings by key, all of which count.
    Map(BTreeMap<String, String>),
    /// Tags of which the cloud may hold more: others' tags are left alone.
    TagsOfInterest(BTreeMap<String, String>),
    /// A document of several lines, compared as it is.
    Document(String),
    /// What an instance runs or reads when it boots, compared by meaning: kops has a wording of its own, for which no
    /// instance has to be replaced.
    Script(String),
    /// Scripts and other strings that instances read, by key.
    Scripts(BTreeMap<String, String>),
    /// A JSON document, compared by meaning: the order of members does not count, and neither does that of lists of strings.
    Json(serde_json::Value),
    /// An attribute of another task.
    Reference(Reference),
    /// A part of the network of another task.
    Subnetwork(Subnetwork),
    /// Nothing: the cloud holds no value.
    Absent,
}

impl Value {
    /// Strings without order.
    pub fn set<S: Into<String>>(items: impl IntoIterator<Item = S>) -> Self {
        Self::Set(items.into_iter().map(|item| Self::Text(item.into())).collect())
    }

    /// Strings in order.
    pub fn list<S: Into<String>>(items: impl IntoIterator<Item = S>) -> Self {
        Self::List(items.into_iter().map(|item| Self::Text(item.into())).collect())
    }

    /// A value, or nothing.
    pub fn or_absent<V: Into<Self>>(value: Option<V>) -> Self {
        value.map_or(Self::Absent, Into::into)
    }

    /// The id of a task.
    pub fn id(task: TaskId) -> Self {
        Self::Reference(Reference::id(task))
    }

    /// Calls a function with all references.
    pub fn references(&self, visit: &mut dyn FnMut(&Reference)) {
        match self {
            Self::Reference(reference) => visit(reference),
            Self::Subnetwork(part) => visit(&part.network),
            Self::List(items) | Self::Set(items) | Self::Includes(items) => {
                items.iter().for_each(|item| item.references(visit));
            }
            _ => {}
        }
    }

    /// The value with references replaced by what they stand for. Those that are not known yet stay.
    #[must_use]
    pub fn resolve(&self, ids: &Ids) -> Self {
        match self {
            Self::Reference(reference) => match ids.get(&reference.task, reference.attribute) {
                Some(text) => Self::Text(text.to_owned()),
                None => self.clone(),
            },
            Self::Subnetwork(part) => {
                let network = ids.get(&part.network.task, part.network.attribute);
                network.and_then(|network| part.of(network)).map_or_else(|| self.clone(), Self::Text)
            }
            Self::List(items) => Self::List(items.iter().map(|item| item.resolve(ids)).collect()),
            Self::Set(items) => Self::Set(items.iter().map(|item| item.resolve(ids)).collect()),
            Self::Includes(items) => Self::Includes(items.iter().map(|item| item.resolve(ids)).collect()),
            other => other.clone(),
        }
    }

    /// Whether a found value is as desired. Only what is equal to itself after [`Value::resolve`] can be: a reference to
    /// something that does not exist yet never is.
    pub fn accepts(&self, found: &Self) -> bool {
        match (self, found) {
            (Self::Reference(_) | Self::Subnetwork(_), _) => false,
            (Self::TagsOfInterest(wanted), Self::Map(tags)) => {
                wanted.iter().all(|(key, value)| tags.get(key) == Some(value))
            }
            (Self::Set(wanted), Self::Set(items) | Self::List(items)) => same_members(wanted, items),
            (Self::Includes(wanted), Self::Set(items) | Self::List(items)) => {
                wanted.iter().all(|wanted| items.iter().any(|item| wanted.accepts(item)))
            }
            (Self::Json(wanted), Self::Json(document)) => normal(wanted) == normal(document),
            (Self::Script(wanted), Self::Script(script)) => means_the_same(wanted, script),
            (Self::Scripts(wanted), Self::Scripts(scripts)) => {
                wanted.len() == scripts.len()
                    && wanted
                        .iter()
                        .zip(scripts)
                        .all(|((key, wanted), (other, script))| key == other && means_the_same(wanted, script))
            }
            (Self::List(wanted), Self::List(items)) => {
                wanted.len() == items.len() && wanted.iter().zip(items).all(|(wanted, item)| wanted.accepts(item))
            }
            // Empty collections and unset values are the same to every cloud.
            (Self::Absent, other) | (other, Self::Absent) => other.is_empty(),
            (wanted, found) => wanted == found,
        }
    }

    /// Whether all members of a found set are among those of this one.
    pub fn includes(&self, found: &Self) -> bool {
        match (self, found) {
            (Self::Set(wanted), Self::Set(items) | Self::List(items)) => items.iter().all(|item| wanted.contains(item)),
            _ => false,
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Absent => true,
            Self::Text(text) | Self::Document(text) | Self::Script(text) => text.is_empty(),
            Self::List(items) | Self::Set(items) | Self::Includes(items) => items.is_empty(),
            Self::Map(map) | Self::TagsOfInterest(map) | Self::Scripts(map) => map.is_empty(),
            Self::Json(document) => document.is_null(),
            Self::Bool(_) | Self::Number(_) | Self::Reference(_) | Self::Subnetwork(_) => false,
        }
    }
}

fn means_the_same(wanted: &str, script: &str) -> bool {
    kopsform_compare::equivalent("user data", script.as_bytes(), wanted.as_bytes())
}

fn same_members(wanted: &[Value], items: &[Value]) -> bool {
    let keys = |values: &[Value]| values.iter().map(|value| format!("{value:?}")).collect::<BTreeSet<_>>();
    let known =
        |values: &[Value]| !values.iter().any(|value| matches!(value, Value::Reference(_) | Value::Subnetwork(_)));
    known(wanted) && keys(wanted) == keys(items)
}

/// A document with lists of strings sorted, and lists of one string as that string: IAM and SQS return either.
fn normal(document: &serde_json::Value) -> serde_json::Value {
    use serde_json::Value as Json;
    match document {
        Json::Object(members) => {
            Json::Object(members.iter().map(|(key, value)| (key.clone(), normal(value))).collect())
        }
        Json::Array(items) => {
            let mut items: Vec<Json> = items.iter().map(normal).collect();
            if items.iter().all(Json::is_string) {
                items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
                if let [only] = items.as_slice() {
                    return only.clone();
                }
            }
            Json::Array(items)
        }
        other => other.clone(),
    }
}

/// As previews show it, on one line. What is not known yet says what it comes from.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn separated<T>(
            f: &mut fmt::Formatter<'_>,
            items: impl IntoIterator<Item = T>,
            write: impl Fn(&mut fmt::Formatter<'_>, T) -> fmt::Result,
        ) -> fmt::Result {
            for (i, item) in items.into_iter().enumerate() {
                if i > 0 {
                    f.write_str(", ")?;
                }
                write(f, item)?;
            }
            Ok(())
        }
        match self {
            Self::Absent => f.write_str("<nil>"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{value}"),
            Self::Text(text) => f.write_str(text),
            Self::Document(text) | Self::Script(text) => write!(f, "({} lines)", text.lines().count()),
            Self::Scripts(scripts) => {
                write!(f, "({} lines)", scripts.values().map(|script| script.lines().count()).sum::<usize>())
            }
            Self::Json(document) => write!(f, "{document}"),
            Self::Reference(reference) => write!(f, "name:{} (known after creation)", reference.task.name),
            Self::Subnetwork(part) => {
                write!(f, "/{}#{:x} of {} (known after creation)", part.prefix_length, part.index, part.network.task)
            }
            Self::List(items) | Self::Set(items) | Self::Includes(items) => {
                f.write_str("[")?;
                separated(f, items, |f, item| write!(f, "{item}"))?;
                f.write_str("]")
            }
            Self::Map(map) | Self::TagsOfInterest(map) => {
                f.write_str("{")?;
                separated(f, map, |f, (key, value)| write!(f, "{key}: {value}"))?;
                f.write_str("}")
            }
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Number(value)
    }
}

impl From<u16> for Value {
    fn from(value: u16) -> Self {
        Self::Number(value.into())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Self::Text(value.clone())
    }
}

impl From<&Text> for Value {
    fn from(value: &Text) -> Self {
        Self::Text(value.as_str().to_owned())
    }
}

impl From<TaskId> for Value {
    fn from(task: TaskId) -> Self {
        Self::id(task)
    }
}

impl From<Reference> for Value {
    fn from(reference: Reference) -> Self {
        Self::Reference(reference)
    }
}

impl<V: Into<Value>> From<Option<V>> for Value {
    fn from(value: Option<V>) -> Self {
        Self::or_absent(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_order_of_sets_and_of_lists_of_strings_in_documents_has_no_meaning() {
        assert!(Value::set(["a", "b"]).accepts(&Value::set(["b", "a"])));
        assert!(!Value::list(["a", "b"]).accepts(&Value::list(["b", "a"])));
        let policy = |actions: serde_json::Value| Value::Json(json!({"Statement": [{"Action": actions}]}));
        assert!(policy(json!(["a", "b"])).accepts(&policy(json!(["b", "a"]))));
        assert!(policy(json!("a")).accepts(&policy(json!(["a"]))));
        assert!(!policy(json!("a")).accepts(&policy(json!("b"))));
    }

    #[test]
    fn tags_of_others_are_left_alone_where_only_some_are_of_interest() {
        let tags = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let found = Value::Map(tags(&[("Name", "a"), ("theirs", "1")]));
        assert!(Value::TagsOfInterest(tags(&[("Name", "a")])).accepts(&found));
        assert!(!Value::TagsOfInterest(tags(&[("Name", "b")])).accepts(&found));
        assert!(!Value::Map(tags(&[("Name", "a")])).accepts(&found));
    }

    #[test]
    fn what_does_not_exist_yet_equals_nothing() {
        let vpc = TaskId::new(crate::TaskKind::Vpc, "a");
        let value = Value::id(vpc.clone());
        let mut ids = Ids::default();
        assert!(!value.resolve(&ids).accepts(&Value::from("vpc-1")));
        ids.insert(vpc, [(Attribute::Id, "vpc-1".to_owned())].into());
        assert!(value.resolve(&ids).accepts(&Value::from("vpc-1")));
    }

    #[test]
    fn a_part_of_a_network_is_known_with_the_network() {
        let vpc = TaskId::new(crate::TaskKind::Vpc, "a");
        let network = Reference { task: vpc.clone(), attribute: Attribute::Ipv6Cidr };
        let part =
            |prefix_length, index| Value::Subnetwork(Subnetwork { network: network.clone(), prefix_length, index });
        let mut ids = Ids::default();
        assert!(!part(64, 10).resolve(&ids).accepts(&Value::Absent));
        ids.insert(vpc.clone(), [(Attribute::Ipv6Cidr, "2001:db8:0:100::/56".to_owned())].into());
        assert_eq!(part(64, 10).resolve(&ids), Value::from("2001:db8:0:10a::/64"));
        assert_eq!(part(64, 256).resolve(&ids), part(64, 256), "there are only 256 of them");
        assert_eq!(part(48, 0).resolve(&ids), part(48, 0));
    }

    #[test]
    fn nothing_and_an_empty_collection_are_the_same() {
        assert!(Value::Absent.accepts(&Value::Set(Vec::new())));
        assert!(Value::set(Vec::<String>::new()).accepts(&Value::Absent));
        assert!(!Value::Absent.accepts(&Value::Bool(false)));
    }

    #[test]
    fn scripts_of_other_programs_are_accepted_and_other_instructions_are_not() {
        let ours = "#!/bin/bash\nNODEUP_URL_AMD64=https://a/nodeup\nsay() {\n  echo $1\n}\nsay hello\n";
        let theirs = "#!/bin/bash\n# boot\nNODEUP_URL_AMD64='https://a/nodeup'\nfunction greet() {\n  :\n}\ngreet\n";
        let script = |text: &str| Value::Script(text.to_owned());
        assert!(script(ours).accepts(&script(theirs)));
        assert!(!script(ours).accepts(&script(&theirs.replace("//a/", "//b/"))));
        // An earlier script of this program is replaced: its wording can have been corrected.
        assert!(!script(ours).accepts(&script(&ours.replace("hello", "welcome"))));

        let scripts = |items: &[(&str, &str)]| {
            Value::Scripts(items.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect())
        };
        let wanted = scripts(&[("cluster-name", "a"), ("user-data", ours)]);
        assert!(wanted.accepts(&scripts(&[("cluster-name", "a"), ("user-data", theirs)])));
        assert!(!wanted.accepts(&scripts(&[("cluster-name", "b"), ("user-data", theirs)])));
        assert!(!wanted.accepts(&scripts(&[("user-data", theirs)])));
    }
}
