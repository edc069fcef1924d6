//! What things are called in the output: kops' names, or names without the cluster's for modules.

use std::collections::BTreeMap;

use hcl::Identifier;
use hcl::expr::{Expression, TemplateExpr, Traversal, Variable};

use super::block::{address_name, block_type};
use super::format::escape;
use super::hcl_expr::traversal;
use super::renderer::plain_label;
use kopsform_model::{NodeId, Part, Text};
use kopsform_spec::names::terraform_name;

/// How names and strings are written.
#[derive(Debug)]
pub enum Naming {
    /// As kops writes them.
    Kops,
    /// So that one module serves several clusters.
    Module(ModuleNaming),
}

impl Naming {
    /// The name of a node as a label and in references.
    pub fn label(&self, id: &NodeId) -> String {
        match self {
            Self::Kops => plain_label(id),
            Self::Module(module) => module.label(id),
        }
    }

    /// A string as an expression.
    pub fn text(&mut self, text: &Text) -> Expression {
        match self {
            Self::Kops => Expression::String(text.to_string()),
            Self::Module(module) => module.text(text),
        }
    }

    /// The directory of data files, as the start of a template.
    pub fn data_directory(&self) -> &'static str {
        match self {
            Self::Kops => "${path.module}/data",
            Self::Module(_) => "${local.data_dir}",
        }
    }

    /// What the data files of a node are called after, besides its type.
    pub fn file_stem(&self, id: &NodeId) -> String {
        match self {
            Self::Kops => address_name(id).into(),
            Self::Module(module) => module.label(id),
        }
    }
}

/// A name as Terraform takes it as a label.
pub fn label_of(name: &str) -> String {
    Identifier::sanitized(terraform_name(name)).into_inner()
}

/// Names of a module: addresses without the cluster's name, and strings that take it from a variable.
#[derive(Debug, Default)]
pub struct ModuleNaming {
    labels: BTreeMap<NodeId, String>,
    /// Truncated names, which Terraform cannot compute: what each is for → the name.
    pub truncated_names: BTreeMap<String, String>,
}

impl ModuleNaming {
    /// The names of some nodes. Where two of a type would get one address, both keep the cluster's name.
    pub fn new<'a>(nodes: impl IntoIterator<Item = &'a NodeId>) -> Self {
        let mut by_address: BTreeMap<(&str, String), Vec<&NodeId>> = BTreeMap::new();
        for id in nodes {
            by_address.entry((block_type(id.kind), short_label(&address_name(id)))).or_default().push(id);
        }
        let mut naming = Self::default();
        for ((_, short), ids) in by_address {
            for id in &ids {
                let label = if ids.len() == 1 { short.clone() } else { plain_label(id) };
                naming.labels.insert((*id).clone(), label);
            }
        }
        naming
    }

    fn label(&self, id: &NodeId) -> String {
        self.labels.get(id).cloned().unwrap_or_else(|| short_label(&address_name(id)))
    }

    /// A string with the cluster's name taken from the variable.
    fn text(&mut self, text: &Text) -> Expression {
        match text.parts() {
            [] | [Part::Literal(_)] => Expression::String(text.to_string()),
            [Part::ClusterName(_)] => traversal("var", ["cluster_name"]),
            [Part::Truncated { purpose, name }] => match self.note_truncated(purpose, name) {
                true => {
                    let names = Traversal::builder(Variable::sanitized("local")).attr(Identifier::sanitized("names"));
                    names.index(Expression::String(purpose.clone())).build().into()
                }
                false => Expression::String(name.clone()),
            },
            parts => {
                let template: String = parts.iter().map(|part| self.in_template(part)).collect();
                TemplateExpr::QuotedString(template).into()
            }
        }
    }

    /// A part of a string between double quotes.
    fn in_template(&mut self, part: &Part) -> String {
        match part {
            Part::Literal(text) => escape(text),
            Part::ClusterName(_) => "${var.cluster_name}".to_owned(),
            Part::DashedClusterName(_) => "${replace(var.cluster_name, \".\", \"-\")}".to_owned(),
            Part::Truncated { purpose, name } => match self.note_truncated(purpose, name) {
                true => format!("${{local.names[\"{}\"]}}", escape(purpose)),
                false => escape(name),
            },
        }
    }

    /// Notes a truncated name by its purpose. Fails when the purpose has another name already.
    fn note_truncated(&mut self, purpose: &str, name: &str) -> bool {
        self.truncated_names.entry(purpose.to_owned()).or_insert_with(|| name.to_owned()) == name
    }
}

/// A label without the cluster's name; what is called after the cluster alone becomes `cluster`.
fn short_label(name: &Text) -> String {
    let is_separator = |c: char| c == '.' || c == '-';
    let mut short = String::new();
    let mut drops_separator = false;
    for part in name.parts() {
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
    if short.is_empty() { "cluster".to_owned() } else { label_of(&short) }
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
    fn labels_lose_the_name_of_the_cluster() {
        let nodes = || text!["nodes.", cluster()];
        for (name, label) in [
            (cluster(), "cluster"),
            (nodes(), "nodes"),
            (text![cluster(), "-ASGLifecycle"], "ASGLifecycle"),
            (text!["from-", nodes(), "-ingress-all-0to0-masters.", cluster()], "from-nodes-ingress-all-0to0-masters"),
            (Text::truncated("kops-controller", "kops-controller-a-1a2b3c"), "kops-controller"),
            (text!["additional.", Text::truncated("masters", "masters.long-1a2b3c")], "additional-masters"),
            ("https-elb-to-master".into(), "https-elb-to-master"),
            // What only looks like the name stays.
            ("nodes.a.example.com".into(), "nodes-a-example-com"),
        ] {
            assert_eq!(short_label(&name), label);
        }
    }

    #[test]
    fn strings_take_the_name_from_the_variable() {
        let mut naming = ModuleNaming::default();
        for (text, expected) in [
            (cluster(), "var.cluster_name"),
            (text!["nodes.", cluster(), " ${x}"], r#""nodes.${var.cluster_name} $${x}""#),
            (
                text![Text::dashed_cluster_name("a.example.com"), "-nth"],
                r#""${replace(var.cluster_name, ".", "-")}-nth""#,
            ),
            ("us-east-1a".into(), r#""us-east-1a""#),
            ("".into(), r#""""#),
            (Text::truncated("tcp", "tcp-a-1a2b3c"), r#"local.names["tcp"]"#),
            (text![Text::truncated("tcp", "tcp-a-1a2b3c"), "-x"], r#""${local.names["tcp"]}-x""#),
            // A purpose stands for one name.
            (Text::truncated("tcp", "other"), r#""other""#),
            ("a.example.com".into(), r#""a.example.com""#),
            ("nota.example.com".into(), r#""nota.example.com""#),
        ] {
            assert_eq!(expression(&naming.text(&text)), expected);
        }
        assert_eq!(naming.truncated_names["tcp"], "tcp-a-1a2b3c");
    }
}
