//! From the graph to files.

use std::collections::BTreeMap;

use hcl::expr::Expression;
use hcl::structure::{Attribute, Block, BlockLabel, Body, Structure};
use hcl::{Identifier, expr};

use super::expression::{Converter, DATA_FOLDER};
use super::layout::{self, file_of};
use super::naming::{ModuleNaming, Naming};
use super::options::{Layout, Options, ProviderBlocks};
use super::{format, module, providers};
use kopsform_model::aws::resources::Arguments;
use kopsform_model::{Graph, Output as ModelOutput};

/// The files of a configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Output {
    /// Path below the output directory, with slashes → content.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// Renders a graph. The same graph gives the same bytes, whatever the order it was built in.
pub fn render(graph: &Graph, options: &Options) -> Output {
    let is_module = options.layout == Layout::Module;
    let naming = if is_module { Naming::Module(ModuleNaming::new(graph)) } else { Naming::Kops };
    let mut converter = Converter::new(naming);
    let mut files = Files { split: options.layout != Layout::Single, blocks: BTreeMap::new() };
    let provider_blocks = options.effective_provider_blocks();

    let outputs = outputs(graph, &mut converter);
    if !outputs.is_empty() && !is_module {
        files.add(layout::OUTPUTS_FILE, locals_block(&outputs));
    }
    for (name, value) in &outputs {
        files.add(layout::OUTPUTS_FILE, output_block(name, value.clone(), is_module));
    }
    if provider_blocks == ProviderBlocks::Full {
        for block in providers::provider_blocks(graph) {
            files.add(layout::PROVIDERS_FILE, block);
        }
    }
    let mut resources: Vec<_> = graph.resources.iter().map(|((kind, _), named)| (kind, named)).collect();
    if is_module {
        // A module reads the same whatever its cluster is called: kops' order has the cluster's name in it.
        resources.sort_by_cached_key(|(kind, named)| (*kind, converter.naming.label(kind, &named.name)));
    }
    for (resource_type, named) in resources {
        let block = converter.block("resource", resource_type, &named.name, &named.item.arguments());
        files.add(file_of(&named.item), block);
    }
    for ((data_type, _), named) in &graph.data_sources {
        let block = converter.block("data", data_type, &named.name, &named.item.arguments());
        files.add(layout::DATA_FILE, block);
    }
    if let Some(block) = providers::terraform_block(graph, provider_blocks) {
        files.add(layout::VERSIONS_FILE, block);
    }
    if let Naming::Module(naming) = &converter.naming {
        let has_names = !naming.cut_names.is_empty();
        if has_names {
            let path = format!("{DATA_FOLDER}/{}", module::NAMES_FILE);
            converter.files.insert(path, names_file(&naming.cut_names));
        }
        for block in module::variables(&graph.cluster) {
            files.add(layout::VARIABLES_FILE, block);
        }
        files.add(layout::LOCALS_FILE, module::locals(has_names, &outputs));
    }

    let mut output = Output { files: converter.files };
    for (path, body) in files.blocks {
        output.files.insert(path.to_owned(), format::file(&Body(body)).into_bytes());
    }
    output
}

/// Names by what they are for, as JSON with a line each.
fn names_file(names: &BTreeMap<String, String>) -> Vec<u8> {
    let json = |text: &str| serde_json::Value::from(text);
    let lines: Vec<_> = names.iter().map(|(purpose, name)| format!("  {}: {}", json(purpose), json(name))).collect();
    format!("{{\n{}\n}}\n", lines.join(",\n")).into_bytes()
}

/// Blocks by the file they stand in.
struct Files {
    split: bool,
    blocks: BTreeMap<&'static str, Vec<Structure>>,
}

impl Files {
    fn add(&mut self, path: &'static str, block: Block) {
        let path = if self.split { path } else { layout::SINGLE_FILE };
        self.blocks.entry(path).or_default().push(Structure::Block(block));
    }
}

/// Outputs with their expressions; those of lists sorted as they read.
fn outputs<'a>(graph: &'a Graph, converter: &mut Converter) -> Vec<(&'a str, Expression)> {
    let mut outputs = Vec::new();
    for (name, output) in &graph.outputs {
        let owner = ("output", name.as_str());
        let expression = match output {
            ModelOutput::Single(value) => converter.expression(owner, value),
            ModelOutput::List(values) => {
                let mut items: Vec<_> = values.iter().map(|value| converter.expression(owner, value)).collect();
                items.sort_by_cached_key(format::expression);
                Expression::Array(items)
            }
        };
        outputs.push((name.as_str(), expression));
    }
    outputs
}

fn locals_block(outputs: &[(&str, expr::Expression)]) -> Block {
    let attributes = outputs
        .iter()
        .map(|(name, value)| Structure::Attribute(Attribute { key: Identifier::sanitized(name), expr: value.clone() }));
    Block { identifier: Identifier::sanitized("locals"), labels: Vec::new(), body: Body(attributes.collect()) }
}

fn output_block(name: &str, value: Expression, described: bool) -> Block {
    let mut block = Block::builder("output").add_label(Identifier::sanitized(name).into_inner());
    if described {
        block = block.add_attribute(("description", module::describe(name)));
    }
    block.add_attribute(Attribute { key: Identifier::sanitized("value"), expr: value }).build()
}

impl Converter {
    /// A resource or data block.
    fn block(&mut self, kind: &str, block_type: &str, name: &str, arguments: &Arguments) -> Block {
        let label = self.naming.label(block_type, name);
        Block {
            identifier: Identifier::sanitized(kind),
            labels: vec![BlockLabel::from(block_type), BlockLabel::String(label)],
            body: self.body((block_type, name), arguments),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use kopsform_model::aws::{iam, load_balancer, network, security_groups};
    use kopsform_model::fixture::{Fixture, group};
    use kopsform_model::{Context, GraphError};
    use kopsform_spec::v1alpha2::InstanceGroupRole;

    fn build(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
        *graph = Graph::for_cluster(context, graph.lifecycles.clone())?;
        for builder in [network::build, security_groups::build, load_balancer::build, iam::build] {
            builder(context, graph)?;
        }
        Ok(())
    }

    fn fixture() -> Fixture {
        let mut fixture = Fixture::default();
        for (name, role) in [("bastion", InstanceGroupRole::Bastion), ("workers", InstanceGroupRole::Node)] {
            fixture.groups.push(group(name, role));
        }
        fixture.groups[1].spec.security_group_override = Some("sg-1".into());
        fixture
    }

    fn text(output: &Output, path: &str) -> String {
        String::from_utf8(output.files[path].clone()).unwrap()
    }

    #[test]
    fn the_order_of_groups_does_not_matter() {
        let mut fixture = fixture();
        let layouts = [Layout::Single, Layout::Split, Layout::Module];
        let all = |fixture: &Fixture| {
            let graph = fixture.build(build).unwrap();
            layouts.map(|layout| render(&graph, &Options { layout, ..Options::default() }))
        };
        let before = all(&fixture);
        for _ in 0..fixture.groups.len() {
            fixture.groups.rotate_left(1);
            assert_eq!(all(&fixture), before);
        }
    }

    #[test]
    fn all_layouts_hold_the_same_resources() {
        let graph = fixture().build(build).unwrap();
        for layout in [Layout::Single, Layout::Split, Layout::Module] {
            let output = render(&graph, &Options { layout, ..Options::default() });
            let mut resources = 0;
            for path in output.files.keys().filter(|path| path.ends_with(".tf")) {
                let body = hcl::parse(&text(&output, path)).unwrap();
                resources += body.blocks().filter(|block| block.identifier() == "resource").count();
            }
            assert_eq!(resources, graph.resources.len(), "{layout:?}");
        }
    }

    #[test]
    fn a_module_names_its_cluster_only_in_a_default() {
        let graph = fixture().build(build).unwrap();
        let output = render(&graph, &Options { layout: Layout::Module, ..Options::default() });
        for path in output.files.keys().filter(|path| path.ends_with(".tf")) {
            let text = text(&output, path);
            let named = text.matches("a.example.com").count() + text.matches("a-example-com").count();
            assert_eq!(named, usize::from(path == layout::VARIABLES_FILE), "{path}");
            assert!(!text.contains("provider \""), "{path}");
        }
        assert!(output.files.contains_key("data/names.json"));
    }

    #[test]
    fn provider_blocks_are_left_to_others_when_asked() {
        let graph = fixture().build(build).unwrap();
        let of = |provider_blocks| {
            let output = render(&graph, &Options { provider_blocks, ..Options::default() });
            text(&output, layout::SINGLE_FILE)
        };
        let full = of(ProviderBlocks::Full);
        assert!(full.contains("\nprovider \"aws\" {") && full.contains("\nterraform {"));
        // Terraform 0.12 knows no aliases of configurations.
        assert!(!full.contains("configuration_aliases"));
        let required = of(ProviderBlocks::Required);
        assert!(!required.contains("\nprovider") && required.contains("\nterraform {"));
        let none = of(ProviderBlocks::None);
        assert!(!none.contains("\nprovider") && !none.contains("\nterraform {"));
    }
}
