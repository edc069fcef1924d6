//! What things are called in the output: kops' names, or in readable layouts names without the cluster's.

use std::collections::BTreeMap;

use hcl::Identifier;
use hcl::expr::{Expression, TemplateExpr, Traversal, Variable};

use super::block::{address_name, block_type};
use super::format::escape;
use super::hcl_expr::{call, traversal};
use super::readable::place::{Place, places};
use kopsform_model::{Graph, NodeId, Part, Text};
use kopsform_spec::names::terraform_name;

/// The local with the cluster's name with hyphens instead of dots.
const DASHED_NAME: &str = "dashed_name";

/// How names and strings are written.
#[derive(Debug)]
pub enum Naming {
    /// As kops writes them.
    Kops,
    /// Without the cluster's name.
    Readable(ReadableNaming),
}

impl Naming {
    /// Whether this is a readable layout.
    pub fn is_readable(&self) -> bool {
        matches!(self, Self::Readable(_))
    }

    /// Where a node is.
    pub fn place(&self, id: &NodeId) -> Place {
        match self {
            Self::Kops => Place::Own(plain_label(id)),
            Self::Readable(naming) => naming.place(id),
        }
    }

    /// A node as references begin: `aws_vpc.cluster`, `aws_subnet.cluster["us-east-1a"]`.
    pub fn reference(&self, id: &NodeId) -> Traversal {
        let place = self.place(id);
        let start =
            Traversal::builder(Variable::sanitized(block_type(id.kind))).attr(Identifier::sanitized(place.label()));
        match place.key() {
            Some(key) => start.index(Expression::String(key.to_owned())).build(),
            None => start.build(),
        }
    }

    /// The address of a node's resource.
    pub fn address(&self, id: &NodeId) -> String {
        let place = self.place(id);
        let address = format!("{}.{}", block_type(id.kind), place.label());
        place.key().map_or_else(|| address.clone(), |key| format!("{address}[\"{}\"]", escape(key)))
    }

    /// A string as an expression.
    pub fn text(&mut self, text: &Text) -> Expression {
        match self {
            Self::Kops => Expression::String(text.to_string()),
            Self::Readable(naming) => naming.text(text),
        }
    }

    /// The directory of data files, as the start of a template.
    pub fn data_directory(&self) -> &'static str {
        match self {
            Self::Readable(ReadableNaming { is_module: true, .. }) => "${local.data_dir}",
            _ => "${path.module}/data",
        }
    }

    /// What the data files of a node are called after, besides its type.
    pub fn file_stem(&self, id: &NodeId) -> String {
        match self {
            Self::Kops => address_name(id).into(),
            Self::Readable(naming) => naming.place(id).file_stem().to_owned(),
        }
    }
}

/// A name as Terraform takes it as a label.
pub fn label_of(name: &str) -> String {
    Identifier::sanitized(terraform_name(name)).into_inner()
}

/// The label of a node in kops' output.
pub fn plain_label(id: &NodeId) -> String {
    label_of(&address_name(id))
}

/// Names of readable layouts: addresses without the cluster's name, and strings that take it from a local or a variable.
#[derive(Debug, Default)]
pub struct ReadableNaming {
    places: BTreeMap<NodeId, Place>,
    /// Whether one configuration serves several clusters: the cluster's name is a variable, and names that depend on it in a way
    /// that Terraform cannot compute are data.
    is_module: bool,
    /// Whether the cluster's name with hyphens is in a local, because most names contain it.
    has_dashed_name: bool,
    /// Truncated names: what each is for → the name.
    pub truncated_names: BTreeMap<String, String>,
}

impl ReadableNaming {
    /// The names of the nodes of a graph.
    pub fn new(graph: &Graph, is_module: bool) -> Self {
        let has_dashed_name = graph.project().is_some();
        Self { places: places(graph), is_module, has_dashed_name, truncated_names: BTreeMap::new() }
    }

    fn place(&self, id: &NodeId) -> Place {
        self.places.get(id).cloned().unwrap_or_else(|| Place::Own(plain_label(id)))
    }

    /// The local with the cluster's name with hyphens instead of dots; `None` where no resource needs it.
    pub fn dashed_name(&self) -> Option<(&'static str, Expression)> {
        let cluster = traversal(self.root(), ["cluster_name"]);
        let value = call("replace", [cluster, Expression::String(".".to_owned()), Expression::String("-".to_owned())]);
        self.has_dashed_name.then_some((DASHED_NAME, value))
    }

    fn root(&self) -> &'static str {
        if self.is_module { "var" } else { "local" }
    }

    /// A string with the cluster's name taken from the local or variable.
    fn text(&mut self, text: &Text) -> Expression {
        match text.parts() {
            [] | [Part::Literal(_)] => Expression::String(text.to_string()),
            [Part::ClusterName(_)] => traversal(self.root(), ["cluster_name"]),
            [Part::DashedClusterName(_)] if self.has_dashed_name => traversal("local", [DASHED_NAME]),
            [Part::Truncated { purpose, name }] => match self.note_truncated(purpose, name) {
                true => {
                    let names = Traversal::builder(Variable::sanitized("local")).attr(Identifier::sanitized("names"));
                    names.index(Expression::String(purpose.clone())).build().into()
                }
                false => Expression::String(name.clone()),
            },
            parts => {
                let is_known = |part: &Part| match part {
                    Part::Literal(_) => true,
                    Part::Truncated { .. } => !self.is_module,
                    Part::ClusterName(_) | Part::DashedClusterName(_) => false,
                };
                if parts.iter().all(is_known) {
                    return Expression::String(text.to_string());
                }
                let template: String = parts.iter().map(|part| self.in_template(part)).collect();
                TemplateExpr::QuotedString(template).into()
            }
        }
    }

    /// A part of a string between double quotes.
    fn in_template(&mut self, part: &Part) -> String {
        let root = self.root();
        match part {
            Part::Literal(text) => escape(text),
            Part::ClusterName(_) => format!("${{{root}.cluster_name}}"),
            Part::DashedClusterName(_) if self.has_dashed_name => format!("${{local.{DASHED_NAME}}}"),
            Part::DashedClusterName(_) => format!("${{replace({root}.cluster_name, \".\", \"-\")}}"),
            Part::Truncated { purpose, name } => match self.note_truncated(purpose, name) {
                true => format!("${{local.names[\"{}\"]}}", escape(purpose)),
                false => escape(name),
            },
        }
    }

    /// Notes a truncated name of a module by its purpose. Fails when the purpose has another name already.
    fn note_truncated(&mut self, purpose: &str, name: &str) -> bool {
        self.is_module && self.truncated_names.entry(purpose.to_owned()).or_insert_with(|| name.to_owned()) == name
    }
}

/// A name without the cluster's; what is called after the cluster alone becomes `cluster`.
pub fn short_name(name: &Text) -> String {
    let short = name.without_cluster_name();
    if short.is_empty() { "cluster".to_owned() } else { short }
}

#[cfg(test)]
mod tests {
    use super::super::format::expression;
    use super::*;
    use kopsform_model::text;

    fn cluster() -> Text {
        Text::cluster_name("a.example.com")
    }

    #[test]
    fn short_names_lose_the_name_of_the_cluster() {
        let nodes = || text!["nodes.", cluster()];
        for (name, short) in [
            (cluster(), "cluster"),
            (nodes(), "nodes"),
            (text![cluster(), "-ASGLifecycle"], "ASGLifecycle"),
            (text!["from-", nodes(), "-ingress-all-0to0-masters.", cluster()], "from-nodes-ingress-all-0to0-masters"),
            (Text::truncated("kops-controller", "kops-controller-a-1a2b3c"), "kops-controller"),
            (text!["additional.", Text::truncated("masters", "masters.long-1a2b3c")], "additional.masters"),
            ("https-elb-to-master".into(), "https-elb-to-master"),
            // What only looks like the name stays.
            ("nodes.a.example.com".into(), "nodes.a.example.com"),
        ] {
            assert_eq!(short_name(&name), short);
        }
    }

    #[test]
    fn strings_take_the_name_from_one_place() {
        let mut module = ReadableNaming { is_module: true, ..ReadableNaming::default() };
        let mut split = ReadableNaming::default();
        for (text, in_module, in_split) in [
            (cluster(), "var.cluster_name", "local.cluster_name"),
            (
                text!["nodes.", cluster(), " ${x}"],
                r#""nodes.${var.cluster_name} $${x}""#,
                r#""nodes.${local.cluster_name} $${x}""#,
            ),
            (
                text![Text::dashed_cluster_name("a.example.com"), "-nth"],
                r#""${replace(var.cluster_name, ".", "-")}-nth""#,
                r#""${replace(local.cluster_name, ".", "-")}-nth""#,
            ),
            ("us-east-1a".into(), r#""us-east-1a""#, r#""us-east-1a""#),
            ("".into(), r#""""#, r#""""#),
            (Text::truncated("tcp", "tcp-a-1a2b3c"), r#"local.names["tcp"]"#, r#""tcp-a-1a2b3c""#),
            (
                text![Text::truncated("tcp", "tcp-a-1a2b3c"), "-x"],
                r#""${local.names["tcp"]}-x""#,
                r#""tcp-a-1a2b3c-x""#,
            ),
            // A purpose stands for one name.
            (Text::truncated("tcp", "other"), r#""other""#, r#""other""#),
            ("a.example.com".into(), r#""a.example.com""#, r#""a.example.com""#),
            ("nota.example.com".into(), r#""nota.example.com""#, r#""nota.example.com""#),
        ] {
            assert_eq!(expression(&module.text(&text)), in_module);
            assert_eq!(expression(&split.text(&text)), in_split);
        }
        assert_eq!(module.truncated_names["tcp"], "tcp-a-1a2b3c");
        assert!(split.truncated_names.is_empty());
    }
}
