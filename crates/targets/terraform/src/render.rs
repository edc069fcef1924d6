//! From the graph to files.

use std::collections::{BTreeMap, BTreeSet};

use hcl::expr::Expression;
use hcl::structure::{Attribute, Block, Body, Structure};
use hcl::{Identifier, expr};

use super::block::{block_type, file_of};
use super::error::RenderError;
use super::identity::identity;
use super::layout;
use super::moves::Addresses;
use super::naming::{ModuleNaming, Naming};
use super::options::{Layout, Options, ProviderBlocks};
use super::renderer::{DATA_DIRECTORY, Renderer};
use super::select::Selection;
use super::{format, module, providers};
use kopsform_model::{Export, Exported, Graph, ManagedFile};
use kopsform_spec::names::terraform_name;

/// A configuration, and what is left to do or to say besides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Output {
    /// Path below the output directory, with slashes → content.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Managed files that the run itself writes to the state store, because Terraform doesn't upload them.
    pub uploads: Vec<ManagedFile>,
    /// Resources left out because they should exist already, `Task/name`.
    pub assumed: BTreeSet<String>,
    /// Identity of a node, `Kind/name` → address of its resource. The identity stays the same in all layouts.
    pub addresses: BTreeMap<String, String>,
    /// The layout of the files.
    pub layout: Layout,
    /// The cluster's name.
    pub cluster: String,
    /// Path of a data file → identity of the resource that reads it.
    pub readers: BTreeMap<String, String>,
    /// What the manifest records of addresses, once [`keep_state`](crate::keep_state()) compared them with those of earlier runs.
    pub record: Option<Addresses>,
}

/// Renders a graph. The same graph gives the same bytes.
///
/// # Errors
/// When the graph holds what a Terraform configuration cannot express.
pub fn render(graph: &Graph, options: &Options) -> Result<Output, RenderError> {
    let is_module = options.layout == Layout::Module;
    let selection = Selection::of(graph, options)?;
    let nodes = || selection.resources.values().chain(selection.data_sources.values()).map(|(id, _)| *id);
    let naming = if is_module { Naming::Module(ModuleNaming::new(nodes())) } else { Naming::Kops };
    let mut renderer = Renderer::new(graph, naming);
    let mut files = Files { split: options.layout != Layout::Single, blocks: BTreeMap::new() };
    let provider_blocks = options.effective_provider_blocks();

    let outputs = outputs(graph, &selection, &mut renderer)?;
    if !outputs.is_empty() && !is_module {
        files.add(layout::OUTPUTS_FILE, locals_block(&outputs));
    }
    for (name, value) in &outputs {
        files.add(layout::OUTPUTS_FILE, output_block(name, value.clone(), is_module));
    }
    if provider_blocks == ProviderBlocks::Full {
        for block in providers::provider_blocks(&graph.region, selection.files_region.as_deref(), options) {
            files.add(layout::PROVIDERS_FILE, block);
        }
    }
    let mut resources: Vec<_> = selection.resources.values().collect();
    if is_module {
        // A module must not depend on the cluster's name, which affects kops' order.
        resources.sort_by_cached_key(|(id, _)| (block_type(id.kind), renderer.naming.label(id)));
    }
    let mut addresses = BTreeMap::new();
    for (id, node) in resources {
        let address = format!("{}.{}", block_type(id.kind), renderer.naming.label(id));
        addresses.insert(identity(id), address);
        files.add(file_of(&node.resource), renderer.resource(id, node));
    }
    for (id, _) in selection.data_sources.values() {
        files.add(layout::DATA_FILE, renderer.data_source(id));
    }
    if let Some(block) = providers::terraform_block(selection.files_region.is_some(), provider_blocks) {
        files.add(layout::VERSIONS_FILE, block);
    }
    if let Naming::Module(naming) = &renderer.naming {
        let has_names = !naming.truncated_names.is_empty();
        if has_names {
            let path = format!("{DATA_DIRECTORY}/{}", module::NAMES_FILE);
            renderer.files.insert(path, names_file(&naming.truncated_names));
        }
        for block in module::variables(&graph.cluster) {
            files.add(layout::VARIABLES_FILE, block);
        }
        let outputs: Vec<_> = outputs.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        files.add(layout::LOCALS_FILE, module::locals(has_names, &outputs));
    }

    let mut output = renderer.files;
    for (path, body) in files.blocks {
        output.insert(path.to_owned(), format::file(&Body(body)).into_bytes());
    }
    Ok(Output {
        files: output,
        uploads: selection.uploads,
        assumed: selection.assumed,
        addresses,
        layout: options.layout,
        cluster: graph.cluster.clone(),
        readers: renderer.readers,
        record: None,
    })
}

/// Names by what they are for, as JSON with a line each.
fn names_file(names: &BTreeMap<String, String>) -> Vec<u8> {
    let json = |text: &str| serde_json::Value::from(text);
    let lines: Vec<_> = names.iter().map(|(purpose, name)| format!("  {}: {}", json(purpose), json(name))).collect();
    format!("{{\n{}\n}}\n", lines.join(",\n")).into_bytes()
}

/// Blocks by file.
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
fn outputs(
    graph: &Graph,
    selection: &Selection<'_>,
    renderer: &mut Renderer<'_>,
) -> Result<BTreeMap<String, Expression>, RenderError> {
    let is_kept = |item: &&Exported| item.node.as_ref().is_none_or(|node| selection.keeps(node));
    let mut outputs = BTreeMap::new();
    for (name, export) in graph.exports() {
        let (items, is_list) = match export {
            Export::Single(item) => (std::slice::from_ref(item), false),
            Export::List(items) => (items.as_slice(), true),
        };
        let mut values: Vec<_> = items.iter().filter(is_kept).map(|item| renderer.value(&item.value)).collect();
        if values.is_empty() {
            continue;
        }
        values.sort_by_cached_key(format::expression);
        values.dedup();
        let value = if is_list { Expression::Array(values) } else { values.remove(0) };
        if outputs.insert(terraform_name(name), value).is_some() {
            return Err(RenderError::DuplicateOutput(name.clone()));
        }
    }
    Ok(outputs)
}

fn locals_block(outputs: &BTreeMap<String, expr::Expression>) -> Block {
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use kopsform_model::aws::{iam, load_balancer, network, security_groups};
    use kopsform_model::fixture::{Fixture, group};
    use kopsform_model::{Context, GraphError};
    use kopsform_spec::v1alpha2::InstanceGroupRole;

    fn build(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
        graph.export_of_cluster("cluster_name", context.cluster_name())?;
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
            layouts.map(|layout| render(&graph, &Options { layout, ..Options::default() }).unwrap())
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
            let output = render(&graph, &Options { layout, ..Options::default() }).unwrap();
            let mut resources = 0;
            for path in output.files.keys().filter(|path| path.ends_with(".tf")) {
                let body = hcl::parse(&text(&output, path)).unwrap();
                resources += body.blocks().filter(|block| block.identifier() == "resource").count();
            }
            assert_eq!(resources, graph.nodes().count(), "{layout:?}");
            assert_eq!(output.addresses.len(), resources, "{layout:?}");
        }
    }

    #[test]
    fn a_module_names_its_cluster_only_in_a_default() {
        let graph = fixture().build(build).unwrap();
        let output = render(&graph, &Options { layout: Layout::Module, ..Options::default() }).unwrap();
        for path in output.files.keys().filter(|path| path.ends_with(".tf")) {
            let text = text(&output, path);
            let named = text.matches("a.example.com").count() + text.matches("a-example-com").count();
            assert_eq!(named, usize::from(path == layout::VARIABLES_FILE), "{path}");
            assert!(!text.contains("provider \""), "{path}");
        }
        assert!(output.files.contains_key("data/names.json"));
    }

    #[test]
    fn what_a_user_wrote_stays_as_it_is() {
        let mut fixture = Fixture::default();
        fixture.cluster.metadata.name = "prod.corp.example.com".into();
        let labels = [("stage", "nonprod.corp.example.com"), ("owner", "prod.corp.example.com")];
        fixture.cluster.spec.cloud_labels =
            labels.map(|(key, value)| (key.to_owned(), value.to_owned())).into_iter().collect();
        let graph = fixture.build(build).unwrap();
        let output = render(&graph, &Options { layout: Layout::Module, ..Options::default() }).unwrap();
        let network = text(&output, layout::NETWORK_FILE);
        let has = |key: &str, value: &str| {
            let line = |line: &str| line.trim().strip_prefix(key).map(|rest| rest.trim_start().to_owned());
            network.lines().any(|l| line(l).is_some_and(|rest| rest == format!("= {value}")))
        };
        assert!(has("\"stage\"", "\"nonprod.corp.example.com\""), "{network}");
        assert!(has("\"owner\"", "\"prod.corp.example.com\""), "{network}");
        assert!(has("\"KubernetesCluster\"", "var.cluster_name"), "{network}");
    }

    #[test]
    fn provider_blocks_are_left_to_others_when_asked() {
        let graph = fixture().build(build).unwrap();
        let of = |provider_blocks| {
            let output = render(&graph, &Options { provider_blocks, ..Options::default() }).unwrap();
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
