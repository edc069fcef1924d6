//! What is needed while blocks are written: names, what references print as, and the data files that blocks read.

use std::collections::{BTreeMap, BTreeSet};

use hcl::Identifier;
use hcl::expr::{Expression, Object, ObjectKey, Traversal, TraversalOperator, Variable};
use hcl::structure::{Block as HclBlock, BlockLabel, Body as HclBody};

use super::block::{self, Body, block_type};
use super::hcl_expr::call;
use super::identity::identity;
use super::naming::{Naming, short_name};
use super::readable::place::Place;
use kopsform_model::aws::resources::Tags;
use kopsform_model::{Attribute, Graph, Kind, Node, NodeId, Platform, Presence, Text, Value};

/// The directory of data files in the output directory.
pub const DATA_DIRECTORY: &str = "data";

/// The local of the tags that resources share.
pub const TAGS: &str = "tags";
/// The local of the labels that resources share.
const LABELS: &str = "labels";
/// The local of the ids of subnets that exist already.
pub const SUBNET_IDS: &str = "subnet_ids";

/// Tags of the instance groups that share a local: by key in it, or of the one that has it alone.
pub type GroupTagsOf = BTreeMap<Option<String>, Tags>;

/// Turns nodes into blocks, and gathers the files they read.
pub struct Renderer<'g> {
    /// The graph that references lead into.
    pub graph: &'g Graph,
    /// How things are called.
    pub naming: Naming,
    /// Path below the output directory → content.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Resources that Terraform must not destroy.
    pub protected: BTreeSet<NodeId>,
    /// Existing resources that have a `data` block.
    pub data_sources: BTreeSet<NodeId>,
    /// Tags that are in a local, which others are merged into.
    pub common_tags: Tags,
    /// All tags that were written.
    pub seen_tags: Vec<Tags>,
    /// Tags of instance groups by the local they are in.
    pub group_tags: BTreeMap<String, GroupTagsOf>,
    /// Ids of existing subnets by name, which are in a local.
    pub subnet_ids: BTreeMap<String, String>,
    /// Path of a data file → identity of the node that reads it.
    pub readers: BTreeMap<String, String>,
    /// The identity of the node that is being written.
    reader: String,
}

impl<'g> Renderer<'g> {
    /// A renderer that has written nothing yet.
    pub fn new(graph: &'g Graph, naming: Naming) -> Self {
        Self {
            graph,
            naming,
            files: BTreeMap::new(),
            protected: BTreeSet::new(),
            data_sources: BTreeSet::new(),
            common_tags: Tags::new(),
            seen_tags: Vec::new(),
            group_tags: BTreeMap::new(),
            subnet_ids: BTreeMap::new(),
            readers: BTreeMap::new(),
            reader: String::new(),
        }
    }

    /// The `resource` block of a node.
    pub fn resource(&mut self, id: &NodeId, node: &Node) -> HclBlock {
        let label = self.naming.place(id).label().to_owned();
        let body = self.body(id, node);
        resource_block(block_type(id.kind), label, body)
    }

    /// The body of the `resource` block of a node.
    pub fn body(&mut self, id: &NodeId, node: &Node) -> HclBody {
        let stem = format!("{}_{}", block_type(id.kind), self.naming.file_stem(id).replace('/', "--"));
        let is_protected = self.protected.contains(id);
        self.reader = identity(id);
        let mut body = Body::new(self, stem);
        block::write(&node.resource, &mut body);
        if is_protected {
            body.block("lifecycle", |body| {
                body.set("prevent_destroy", true);
            });
        }
        body.finish()
    }

    /// Adds a data file of the node that is being written.
    pub fn add_file(&mut self, path: String, content: Vec<u8>) {
        self.readers.insert(path.clone(), self.reader.clone());
        self.files.insert(path, content);
    }

    /// The `data` block of a node that exists already.
    pub fn data_source(&mut self, id: &NodeId) -> HclBlock {
        let label = self.naming.place(id).label().to_owned();
        let mut block = HclBlock::builder("data").add_label(block_type(id.kind)).add_label(label);
        if let Some(existing) = self.existing_id(id) {
            block = block.add_attribute(("id", existing));
        }
        block.build()
    }

    /// The id of a node that exists already.
    pub fn existing_id(&self, id: &NodeId) -> Option<&'g str> {
        match &self.graph.node(id)?.presence {
            Presence::Existing { id } => id.as_deref(),
            Presence::Managed => None,
        }
    }

    /// An attribute of a node: known for the id of what exists already, else a reference.
    pub fn attribute(&mut self, id: &NodeId, attribute: &str) -> Expression {
        let mut reference = self.naming.reference(id);
        reference.operators.push(TraversalOperator::GetAttr(Identifier::sanitized(attribute)));
        match self.existing_id(id) {
            Some(existing) if attribute == "id" => self.known_id(id, existing, reference),
            Some(_) => in_data(reference),
            None => reference.into(),
        }
    }

    /// The id of what exists already: as it is, or by what has it in a readable layout.
    fn known_id(&mut self, id: &NodeId, existing: &str, reference: Traversal) -> Expression {
        let literal = Expression::String(existing.to_owned());
        if !self.naming.is_readable() {
            return literal;
        }
        if self.data_sources.contains(id) {
            return in_data(reference);
        }
        if id.kind != Kind::Subnet {
            return literal;
        }
        // Each id has one name, so that a list of them has none twice.
        if let Some((name, _)) = self.subnet_ids.iter().find(|(_, known)| *known == existing) {
            return in_local(SUBNET_IDS, Some(name));
        }
        let name = short_name(&id.name);
        if self.subnet_ids.entry(name.clone()).or_insert_with(|| existing.to_owned()) != existing {
            return literal;
        }
        in_local(SUBNET_IDS, Some(&name))
    }

    /// The value of an output.
    pub fn value(&mut self, value: &Value) -> Expression {
        match value {
            Value::Text(text) => self.naming.text(text),
            Value::Attribute(node, Attribute::Id) => self.attribute(node, "id"),
            Value::Attribute(node, Attribute::Arn) => self.attribute(node, "arn"),
            Value::Attribute(node, Attribute::Name) => self.attribute(node, "name"),
            Value::Attribute(node, Attribute::Ipv4Cidr) => self.attribute(node, "cidr_block"),
            Value::Attribute(node, Attribute::Ipv6Cidr) => self.attribute(node, "ipv6_cidr_block"),
            Value::Attribute(_, Attribute::Ipv6PrefixLength) => super::aws::vpc_ipv6_prefix_length(),
        }
    }

    /// The local of the tags that resources share, which Google Cloud calls labels.
    pub fn tags_local(&self) -> &'static str {
        match self.graph.platform {
            Platform::Aws => TAGS,
            Platform::Google { .. } => LABELS,
        }
    }

    /// Tags of a resource; in readable layouts, those that resources share by their local.
    pub fn tags(&mut self, tags: &Tags) -> Option<Expression> {
        if tags.is_empty() {
            return None;
        }
        if !self.naming.is_readable() {
            return Some(self.tags_object(tags, &Tags::new()));
        }
        self.seen_tags.push(tags.clone());
        let has_common = !self.common_tags.is_empty() && self.common_tags.keys().all(|key| tags.contains_key(key));
        if !has_common {
            return Some(self.tags_object(tags, &Tags::new()));
        }
        let common = self.common_tags.clone();
        let shared = in_local(self.tags_local(), None);
        Some(match self.tags_object(tags, &common) {
            Expression::Object(rest) if rest.is_empty() => shared,
            rest => call("merge", [shared, rest]),
        })
    }

    /// Tags as an object, except for those that another one has.
    pub fn tags_object(&mut self, tags: &Tags, common: &Tags) -> Expression {
        let is_readable = self.naming.is_readable();
        let entries = tags.iter().filter(|(key, value)| common.get(*key) != Some(value));
        let entries = entries.map(|(key, value)| {
            let key = match self.naming.text(key) {
                Expression::String(key) if is_readable && is_plain_key(&key) => {
                    ObjectKey::Identifier(Identifier::sanitized(&key))
                }
                key => ObjectKey::Expression(key),
            };
            (key, self.naming.text(value))
        });
        let object: Object<_, _> = entries.collect();
        Expression::Object(object)
    }

    /// Tags of an instance group; in readable layouts, by a local, because its launch template has them several times.
    pub fn group_tags(&mut self, place: &Place, tags: &Tags) -> Option<Expression> {
        if !self.naming.is_readable() || tags.is_empty() {
            return self.tags(tags);
        }
        let local = format!("{}_{TAGS}", place.label().replace(|c: char| !c.is_ascii_alphanumeric(), "_"));
        let key = place.key().map(str::to_owned);
        let entries = self.group_tags.entry(local.clone()).or_default();
        let is_of_kind = entries.keys().all(|other| other.is_some() == key.is_some());
        if !is_of_kind || entries.get(&key).is_some_and(|known| known != tags) {
            return self.tags(tags);
        }
        entries.insert(key, tags.clone());
        self.seen_tags.push(tags.clone());
        Some(in_local(&local, place.key()))
    }
}

/// A `resource` block.
pub fn resource_block(block_type: &str, label: String, body: HclBody) -> HclBlock {
    HclBlock {
        identifier: Identifier::sanitized("resource"),
        labels: vec![BlockLabel::from(block_type), BlockLabel::String(label)],
        body,
    }
}

/// `local.name`, or `local.name["key"]`.
fn in_local(name: &str, key: Option<&str>) -> Expression {
    let local = Traversal::builder(Variable::sanitized("local")).attr(Identifier::sanitized(name));
    match key {
        Some(key) => local.index(Expression::String(key.to_owned())).build().into(),
        None => local.build().into(),
    }
}

/// A reference to a resource, as one to the `data` block of the same type and label.
fn in_data(reference: Traversal) -> Expression {
    let Expression::Variable(block_type) = reference.expr else { return reference.into() };
    let mut operators = vec![TraversalOperator::GetAttr(Identifier::sanitized(block_type.as_str()))];
    operators.extend(reference.operators);
    Traversal::new(Variable::sanitized("data"), operators).into()
}

/// Whether a key needs no quotes. `for` would begin a `for` expression.
fn is_plain_key(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && key != "for"
}

/// A key in the state store, where each cluster has a directory of its name.
pub fn key_text(key: &str, cluster: &str) -> Text {
    let mut text = Text::default();
    for (i, component) in key.split('/').enumerate() {
        if i > 0 {
            text.push("/");
        }
        text.push(if component == cluster { Text::cluster_name(cluster) } else { component.into() });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use kopsform_model::Part;

    #[test]
    fn only_the_directory_of_the_cluster_follows_its_name() {
        let key = key_text("x/a.example.com/nota.example.com", "a.example.com");
        assert_eq!(key, "x/a.example.com/nota.example.com");
        assert_eq!(
            key.parts(),
            [
                Part::Literal("x/".to_owned()),
                Part::ClusterName("a.example.com".to_owned()),
                Part::Literal("/nota.example.com".to_owned()),
            ]
        );
    }
}
