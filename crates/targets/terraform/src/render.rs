//! From the graph to files.

use std::collections::{BTreeMap, BTreeSet};

use hcl::Identifier;
use hcl::expr::Expression;
use hcl::structure::{Attribute, Block, Body, Structure};

use super::error::RenderError;
use super::format::BlockPrinter;
use super::identity::identity;
use super::layout;
use super::moves::Addresses;
use super::naming::Naming;
use super::options::{Layout, Options, ProviderBlocks};
use super::providers::ProviderSettings;
use super::renderer::Renderer;
use super::select::Selection;
use super::{format, protect, providers, readable};
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
    let selection = Selection::of(graph, options)?;
    match options.layout {
        Layout::Single => single(graph, options, selection),
        Layout::Split | Layout::Module => readable::render(graph, options, selection),
    }
}

/// One file, in kops' order and shape.
fn single(graph: &Graph, options: &Options, selection: Selection<'_>) -> Result<Output, RenderError> {
    let mut renderer = Renderer::new(graph, Naming::Kops);
    renderer.protected = protect::protected(graph, &options.prevent_destroy);
    let mut printer = BlockPrinter::default();
    let outputs = outputs(graph, &selection, &mut renderer, None)?;
    if !outputs.is_empty() {
        printer.add(&locals_block(outputs.iter().map(|(name, value)| (name.as_str(), value.clone()))));
    }
    outputs.into_iter().for_each(|(name, value)| printer.add(&output_block(&name, None, value)));
    if options.effective_provider_blocks() == ProviderBlocks::Full {
        let string = |text: &str| Expression::String(text.to_owned());
        let settings = ProviderSettings {
            region: string(&graph.region),
            project: graph.project().map(string),
            files_region: selection.files_region.as_deref().map(string),
        };
        providers::provider_blocks(settings, options).iter().for_each(|block| printer.add(block));
    }
    let mut addresses = BTreeMap::new();
    for (id, node) in selection.resources.values() {
        addresses.insert(identity(id), renderer.naming.address(id));
        printer.add(&renderer.resource(id, node));
    }
    selection.data_sources.values().for_each(|(id, _)| printer.add(&renderer.data_source(id)));
    providers::terraform_block(&graph.platform, selection.files_region.is_some(), options)
        .iter()
        .for_each(|block| printer.add(block));

    let mut files = renderer.files;
    let text = printer.finish();
    if !text.is_empty() {
        files.insert(layout::SINGLE_FILE.to_owned(), text.into_bytes());
    }
    Ok(Output {
        files,
        uploads: selection.uploads,
        assumed: selection.assumed,
        addresses,
        layout: options.layout,
        cluster: graph.cluster.clone(),
        readers: renderer.readers,
        record: None,
    })
}

/// Outputs with their expressions; those of lists sorted as they read, or as they read to another renderer.
pub fn outputs(
    graph: &Graph,
    selection: &Selection<'_>,
    renderer: &mut Renderer<'_>,
    mut order: Option<&mut Renderer<'_>>,
) -> Result<BTreeMap<String, Expression>, RenderError> {
    let is_kept = |item: &&Exported| item.node.as_ref().is_none_or(|node| selection.keeps(node));
    let mut outputs = BTreeMap::new();
    for (name, export) in graph.exports() {
        let (items, is_list) = match export {
            Export::Single(item) => (std::slice::from_ref(item), false),
            Export::List(items) => (items.as_slice(), true),
        };
        let with_order = items.iter().filter(is_kept).map(|item| {
            let value = renderer.value(&item.value);
            let order = match &mut order {
                Some(order) => format::expression(&order.value(&item.value)),
                None => format::expression(&value),
            };
            (order, value)
        });
        let mut values: Vec<(String, Expression)> = with_order.collect();
        if values.is_empty() {
            continue;
        }
        values.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut values: Vec<Expression> = values.into_iter().map(|(_, value)| value).collect();
        values.dedup();
        let value = if is_list { Expression::Array(values) } else { values.remove(0) };
        if outputs.insert(terraform_name(name), value).is_some() {
            return Err(RenderError::DuplicateOutput(name.clone()));
        }
    }
    Ok(outputs)
}

/// The `locals` block of some values.
pub fn locals_block<'a>(values: impl IntoIterator<Item = (&'a str, Expression)>) -> Block {
    let attributes = values
        .into_iter()
        .map(|(name, expr)| Structure::Attribute(Attribute { key: Identifier::sanitized(name), expr }));
    Block { identifier: Identifier::sanitized("locals"), labels: Vec::new(), body: Body(attributes.collect()) }
}

/// An `output` block.
pub fn output_block(name: &str, description: Option<String>, value: Expression) -> Block {
    let mut block = Block::builder("output").add_label(Identifier::sanitized(name).into_inner());
    if let Some(description) = description {
        block = block.add_attribute(("description", description));
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
            let addresses: BTreeSet<&String> = output.addresses.values().collect();
            assert_eq!(output.addresses.len(), graph.nodes().count(), "{layout:?}");
            assert_eq!(addresses.len(), graph.nodes().count(), "{layout:?}");
            assert_eq!(addresses, crate::testing::addresses(&output).iter().collect(), "{layout:?}");
        }
    }

    #[test]
    fn a_module_names_its_cluster_only_in_a_default() {
        let graph = fixture().build(build).unwrap();
        let output = render(&graph, &Options { layout: Layout::Module, ..Options::default() }).unwrap();
        for path in output.files.keys().filter(|path| path.ends_with(".tf")) {
            let text = text(&output, path);
            let named = text.matches("a.example.com").count() + text.matches("a-example-com").count();
            // In the header and in the default.
            assert_eq!(named, if path == layout::VARIABLES_FILE { 2 } else { 0 }, "{path}");
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
        let network = text(&output, layout::LOCALS_FILE);
        let has = |key: &str, value: &str| {
            let line = |line: &str| line.trim().strip_prefix(key).map(|rest| rest.trim_start().to_owned());
            network.lines().any(|l| line(l).is_some_and(|rest| rest == format!("= {value}")))
        };
        assert!(has("stage", "\"nonprod.corp.example.com\""), "{network}");
        assert!(has("owner", "\"prod.corp.example.com\""), "{network}");
        assert!(has("KubernetesCluster", "var.cluster_name"), "{network}");
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
