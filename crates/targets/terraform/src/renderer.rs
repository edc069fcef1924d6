//! What is needed while blocks are written: names, what references print as, and the data files that blocks read.

use std::collections::BTreeMap;

use hcl::expr::Expression;
use hcl::structure::{Block as HclBlock, BlockLabel};

use super::block::{self, Body, address_name, block_type};
use super::hcl_expr::traversal;
use super::identity::identity;
use super::naming::Naming;
use kopsform_model::{Attribute, Graph, Node, NodeId, Presence, Value};

/// The directory of data files in the output directory.
pub const DATA_DIRECTORY: &str = "data";

/// Turns nodes into blocks, and gathers the files they read.
pub struct Renderer<'g> {
    /// The graph that references lead into.
    pub graph: &'g Graph,
    /// How things are called.
    pub naming: Naming,
    /// Path below the output directory → content.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Path of a data file → identity of the node that reads it.
    pub readers: BTreeMap<String, String>,
    /// The identity of the node that is being written.
    reader: String,
}

impl<'g> Renderer<'g> {
    /// A renderer that has written nothing yet.
    pub fn new(graph: &'g Graph, naming: Naming) -> Self {
        Self { graph, naming, files: BTreeMap::new(), readers: BTreeMap::new(), reader: String::new() }
    }

    /// The `resource` block of a node.
    pub fn resource(&mut self, id: &NodeId, node: &Node) -> HclBlock {
        let block_type = block_type(id.kind);
        let label = self.naming.label(id);
        let stem = format!("{block_type}_{}", self.naming.file_stem(id).replace('/', "--"));
        self.reader = identity(id);
        let mut body = Body::new(self, stem);
        block::write(&node.resource, &mut body);
        HclBlock {
            identifier: hcl::Identifier::sanitized("resource"),
            labels: vec![BlockLabel::from(block_type), BlockLabel::String(label)],
            body: body.finish(),
        }
    }

    /// Adds a data file of the node that is being written.
    pub fn add_file(&mut self, path: String, content: Vec<u8>) {
        self.readers.insert(path.clone(), self.reader.clone());
        self.files.insert(path, content);
    }

    /// The `data` block of a node that exists already.
    pub fn data_source(&mut self, id: &NodeId) -> HclBlock {
        let label = self.naming.label(id);
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
    pub fn attribute(&self, id: &NodeId, attribute: &str) -> Expression {
        let (block_type, label) = (block_type(id.kind), self.naming.label(id));
        match self.existing_id(id) {
            Some(existing) if attribute == "id" => Expression::String(existing.to_owned()),
            Some(_) => traversal("data", [block_type, &label, attribute]),
            None => traversal(block_type, [label.as_str(), attribute]),
        }
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
}

/// A label as Terraform takes it, for the name of a node.
pub fn plain_label(id: &NodeId) -> String {
    super::naming::label_of(&address_name(id))
}
