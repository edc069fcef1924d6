//! From the graph to files.

use std::collections::BTreeMap;

use hcl::expr::Expression;
use hcl::structure::{Attribute, Block, BlockLabel, Body, Structure};
use hcl::{Identifier, expr};

use super::expression::{Converter, label};
use super::format;
use super::layout::{self, file_of};
use super::options::{Layout, Options, ProviderBlocks};
use super::providers::{provider_blocks, terraform_block};
use crate::model::{Graph, Output as ModelOutput};

/// The files of a configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Output {
    /// Path below the output directory, with slashes → content.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// Renders a graph. The same graph gives the same bytes, whatever the order it was built in.
pub fn render(graph: &Graph, options: &Options) -> Output {
    let mut converter = Converter::default();
    let mut files = Files { split: options.layout != Layout::Single, blocks: BTreeMap::new() };

    let outputs = outputs(graph, &mut converter);
    if !outputs.is_empty() {
        files.add(layout::OUTPUTS_FILE, locals_block(&outputs));
    }
    for (name, value) in outputs {
        files.add(layout::OUTPUTS_FILE, output_block(name, value));
    }
    if options.provider_blocks == ProviderBlocks::Full {
        for block in provider_blocks(graph) {
            files.add(layout::PROVIDERS_FILE, block);
        }
    }
    for ((resource_type, _), named) in &graph.resources {
        let body = converter.body((resource_type, &named.name), &named.item.arguments());
        files.add(file_of(&named.item), labelled("resource", resource_type, &named.name, body));
    }
    for ((data_type, _), named) in &graph.data_sources {
        let body = converter.body((data_type, &named.name), &named.item.arguments());
        files.add(layout::DATA_FILE, labelled("data", data_type, &named.name, body));
    }
    if let Some(block) = terraform_block(graph, options.provider_blocks) {
        files.add(layout::VERSIONS_FILE, block);
    }

    let mut output = Output { files: converter.files };
    for (path, body) in files.blocks {
        output.files.insert(path.to_owned(), format::file(&Body(body)).into_bytes());
    }
    output
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

fn output_block(name: &str, value: Expression) -> Block {
    Block::builder("output")
        .add_label(Identifier::sanitized(name).into_inner())
        .add_attribute(Attribute { key: Identifier::sanitized("value"), expr: value })
        .build()
}

fn labelled(kind: &str, block_type: &str, name: &str, body: Body) -> Block {
    Block {
        identifier: Identifier::sanitized(kind),
        labels: vec![BlockLabel::from(block_type), BlockLabel::String(label(name))],
        body,
    }
}
