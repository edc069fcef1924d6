//! Arguments of resources before any notation: what is known, and what refers to something else in the graph.

use std::collections::BTreeMap;

/// The value of one argument.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A text, taken literally.
    Text(String),
    /// Values in order.
    List(Vec<Value>),
    /// Values by name; names are texts such as tag keys.
    Map(BTreeMap<String, Value>),
    /// An attribute of a resource or data source.
    Reference(Reference),
    /// The content of a file beside the configuration.
    File(DataFile),
    /// Another configuration of the provider than the default one.
    Provider(ProviderAlias),
    /// A subnet's network inside the VPC's IPv6 network, which is known only once the VPC exists.
    Ipv6Subnet(Ipv6Subnet),
    /// How many bits the VPC's IPv6 network has; null where it has none.
    VpcIpv6PrefixLength,
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Reference> for Value {
    fn from(reference: Reference) -> Self {
        Self::Reference(reference)
    }
}

impl From<Input> for Value {
    fn from(input: Input) -> Self {
        match input {
            Input::Known(text) => Self::Text(text),
            Input::Reference(reference) => Self::Reference(reference),
        }
    }
}

/// What a reference points at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReferenceKind {
    /// Something the configuration makes.
    Resource,
    /// Something it only looks at.
    Data,
}

/// An attribute of something else in the graph.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// Whether a resource or a data source is meant.
    pub kind: ReferenceKind,
    /// Terraform's resource type, `aws_vpc`.
    pub resource_type: &'static str,
    /// The name as the builders use it, with its dots: `nodes.example.com`.
    pub name: String,
    /// The attribute: `id`, `arn`, `dns_name`.
    pub attribute: &'static str,
}

/// A text that is either known now or read off another resource later: ids, ARNs and names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Input {
    /// Known now, as for what exists outside the cluster.
    Known(String),
    /// Read off another resource.
    Reference(Reference),
}

impl Default for Input {
    fn default() -> Self {
        Self::Known(String::new())
    }
}

impl From<&str> for Input {
    fn from(text: &str) -> Self {
        Self::Known(text.to_owned())
    }
}

impl From<String> for Input {
    fn from(text: String) -> Self {
        Self::Known(text)
    }
}

impl From<Reference> for Input {
    fn from(reference: Reference) -> Self {
        Self::Reference(reference)
    }
}

/// A long text that lies in a file of its own, `data/<type>_<name>_<part>`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DataFile {
    /// The last part of the file's name, mostly the argument's name.
    pub part: &'static str,
    /// What the file holds.
    pub content: Vec<u8>,
    /// How the content reaches the argument.
    pub reading: FileReading,
}

impl DataFile {
    /// A file whose text is the argument's value.
    pub fn text(part: &'static str, content: impl Into<Vec<u8>>) -> Self {
        Self { part, content: content.into(), reading: FileReading::Text }
    }

    /// A file that the argument takes in base64.
    pub fn base64(part: &'static str, content: impl Into<Vec<u8>>) -> Self {
        Self { part, content: content.into(), reading: FileReading::Base64 }
    }
}

/// How a file's content becomes the value of an argument.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FileReading {
    /// As it is; it must be UTF-8.
    #[default]
    Text,
    /// In base64.
    Base64,
}

/// A provider configuration apart from the default one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ProviderAlias {
    /// `aws.files`, in the region of the state store's bucket.
    #[default]
    Files,
}

/// The n-th network of a size inside the VPC's IPv6 network, written `/64#a` in a spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ipv6Subnet {
    /// The prefix length of the network, 64 as a rule.
    pub prefix_length: u8,
    /// Which of them, from 0.
    pub index: i64,
}
