//! What things are called in the output: kops' names, or names without the cluster's for modules.

use std::collections::BTreeMap;

use hcl::Identifier;
use hcl::expr::{Expression, TemplateExpr, Traversal, Variable};

use super::format::escape;
use kopsform_model::Graph;
use kopsform_spec::names::{HashSuffix, load_balancer_name, queue_prefix, terraform_name, truncate};

/// How resources and texts are written.
#[derive(Debug)]
pub enum Naming {
    /// As kops writes them.
    Kops,
    /// So that one module does for several clusters.
    Module(ModuleNaming),
}

impl Naming {
    /// A resource's or data source's name as a label and in references.
    pub fn label(&self, resource_type: &str, name: &str) -> String {
        match self {
            Self::Kops => plain_label(name),
            Self::Module(module) => module.label(resource_type, name),
        }
    }

    /// A text as an expression.
    pub fn text(&mut self, text: &str) -> Expression {
        match self {
            Self::Kops => Expression::String(text.to_owned()),
            Self::Module(module) => module.text(text),
        }
    }

    /// The folder of data files, as it stands at the start of a template.
    pub fn data_folder(&self) -> &'static str {
        match self {
            Self::Kops => "${path.module}/data",
            Self::Module(_) => "${local.data_dir}",
        }
    }

    /// What a data file is called after.
    pub fn file_stem(&self, resource_type: &str, name: &str) -> String {
        let name = match self {
            Self::Kops => name.to_owned(),
            Self::Module(module) => module.label(resource_type, name),
        };
        format!("{resource_type}_{}", name.replace('/', "--"))
    }
}

/// A name as Terraform takes it as a label.
fn plain_label(name: &str) -> String {
    Identifier::sanitized(terraform_name(name)).into_inner()
}

/// Names of a module: addresses without the cluster's name, and texts that take it from a variable.
#[derive(Debug, Default)]
pub struct ModuleNaming {
    cluster: String,
    labels: BTreeMap<(String, String), String>,
    /// Names that are cut and carry a hash, which Terraform cannot compute: what each is for → the name.
    pub cut_names: BTreeMap<String, String>,
}

impl ModuleNaming {
    /// The names of a graph. Where two resources would get one address, both keep the cluster's name.
    pub fn new(graph: &Graph) -> Self {
        let mut naming = Self { cluster: graph.cluster.clone(), ..Self::default() };
        let resources = graph.resources.iter().map(|((kind, _), named)| (*kind, &named.name));
        let data = graph.data_sources.iter().map(|((kind, _), named)| (*kind, &named.name));
        let mut taken: BTreeMap<(String, String), usize> = BTreeMap::new();
        let all: Vec<_> = resources.chain(data).map(|(kind, name)| (kind, name, naming.short_label(name))).collect();
        for (kind, _, short) in &all {
            *taken.entry(((*kind).to_owned(), short.clone())).or_default() += 1;
        }
        for (kind, name, short) in all {
            let is_free = taken.get(&(kind.to_owned(), short.clone())) == Some(&1);
            let label = if is_free { short } else { plain_label(name) };
            naming.labels.insert((kind.to_owned(), name.clone()), label);
        }
        naming
    }

    fn label(&self, resource_type: &str, name: &str) -> String {
        let key = (resource_type.to_owned(), name.to_owned());
        self.labels.get(&key).cloned().unwrap_or_else(|| self.short_label(name))
    }

    /// A label without the cluster's name; what is called after the cluster alone becomes `cluster`.
    fn short_label(&self, name: &str) -> String {
        if let Some(purpose) = self.purpose_of_cut_name(name) {
            return plain_label(&purpose);
        }
        let dashed = terraform_name(&self.cluster);
        let short = terraform_name(name).replace(&format!("-{dashed}"), "").replace(&format!("{dashed}-"), "");
        match short == dashed {
            true => "cluster".to_owned(),
            false => Identifier::sanitized(short).into_inner(),
        }
    }

    /// A text with the cluster's name taken from the variable.
    fn text(&mut self, text: &str) -> Expression {
        if text == self.cluster {
            return variable("var", "cluster_name");
        }
        if let Some(purpose) = self.purpose_of_cut_name(text) {
            self.cut_names.insert(purpose.clone(), text.to_owned());
            let names = Traversal::builder(Variable::sanitized("local")).attr(Identifier::sanitized("names"));
            return names.index(Expression::String(purpose)).build().into();
        }
        let dashed = self.cluster.replace('.', "-");
        let template = escape(text)
            .replace(&self.cluster, "${var.cluster_name}")
            .replace(&dashed, "${replace(var.cluster_name, \".\", \"-\")}");
        match template == escape(text) {
            true => Expression::String(text.to_owned()),
            false => TemplateExpr::QuotedString(template).into(),
        }
    }

    /// What a name is for that was cut to fit and carries a hash: `api` of `api-a-example-com-1a2b3c`.
    fn purpose_of_cut_name(&self, text: &str) -> Option<String> {
        let (start, hash) = text.rsplit_once('-')?;
        if hash == "nth" && start == queue_prefix(&self.cluster) && !text.starts_with(&self.cluster.replace('.', "-")) {
            return Some("queue".to_owned());
        }
        if hash.len() != 6 {
            return None;
        }
        let ends = |separator| text.match_indices(separator).map(|(end, _)| &text[..end]);
        let of_load_balancer = || ends('-').find(|purpose| load_balancer_name(&self.cluster, purpose) == text);
        let of_role = || {
            let cut = |purpose: &str| truncate(&format!("{purpose}.{}", self.cluster), 64, HashSuffix::WhenCut);
            ends('.').find(|purpose| cut(purpose) == text)
        };
        of_load_balancer().or_else(of_role).map(str::to_owned)
    }
}

/// `root.attribute`.
fn variable(root: &str, attribute: &str) -> Expression {
    Traversal::builder(Variable::sanitized(root)).attr(Identifier::sanitized(attribute)).build().into()
}

#[cfg(test)]
mod tests {
    use super::super::format::expression;
    use super::*;

    fn naming(cluster: &str) -> ModuleNaming {
        ModuleNaming { cluster: cluster.to_owned(), ..ModuleNaming::default() }
    }

    #[test]
    fn labels_lose_the_name_of_the_cluster() {
        let naming = naming("a.example.com");
        for (name, label) in [
            ("a.example.com", "cluster"),
            ("nodes.a.example.com", "nodes"),
            ("a.example.com-ASGLifecycle", "ASGLifecycle"),
            ("from-nodes.a.example.com-ingress-all-0to0-masters.a.example.com", "from-nodes-ingress-all-0to0-masters"),
            (load_balancer_name("a.example.com", "kops-controller").as_str(), "kops-controller"),
            ("https-elb-to-master", "https-elb-to-master"),
        ] {
            assert_eq!(naming.short_label(name), label);
        }
    }

    #[test]
    fn texts_take_the_name_from_the_variable() {
        let mut naming = naming("a.example.com");
        for (text, expected) in [
            ("a.example.com", "var.cluster_name"),
            ("nodes.a.example.com ${x}", r#""nodes.${var.cluster_name} $${x}""#),
            ("a-example-com-nth", r#""${replace(var.cluster_name, ".", "-")}-nth""#),
            ("us-east-1a", r#""us-east-1a""#),
            (load_balancer_name("a.example.com", "tcp").as_str(), r#"local.names["tcp"]"#),
        ] {
            assert_eq!(expression(&naming.text(text)), expected);
        }
        assert_eq!(naming.cut_names.keys().collect::<Vec<_>>(), ["tcp"]);
    }

    #[test]
    fn cut_names_are_found_again() {
        let long = format!("{}.example.com", "x".repeat(80));
        let naming = naming(&long);
        assert_eq!(naming.purpose_of_cut_name(&format!("{}-nth", queue_prefix(&long))), Some("queue".to_owned()));
        let role = truncate(&format!("masters.{long}"), 64, HashSuffix::WhenCut);
        assert_eq!(naming.purpose_of_cut_name(&role), Some("masters".to_owned()));
    }
}
