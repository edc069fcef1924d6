//! The layouts for readers: a file a concern, one block for resources that differ in a few values, tags that resources share in
//! a local, and every value once.
//!
//! Blocks are written as in the single layout, with short names. Then:
//!
//! - [`place`] says which resources share a block, by kind and name alone;
//! - [`unify`] makes one body of theirs, with `each.value` where they differ;
//! - [`locals`] finds values that several blocks have;
//! - [`arrange`] sorts arguments as readers expect them.

mod arrange;
mod locals;
pub mod place;
mod template;
#[cfg(test)]
mod tests;
pub mod unify;

use std::collections::BTreeMap;

use hcl::expr::{Expression, Object, ObjectKey};
use hcl::structure::{Attribute, Body, Structure};
use hcl::{Identifier, Traversal};

use super::block::{block_type, comment, file_of};
use super::error::RenderError;
use super::format::{Item, document};
use super::hcl_expr::{call, traversal};
use super::identity::identity;
use super::layout;
use super::module;
use super::naming::{Naming, ReadableNaming};
use super::options::{Layout, Options, ProviderBlocks};
use super::protect::protected;
use super::providers::{self, ProviderSettings};
use super::render::{Output, locals_block, output_block, outputs};
use super::renderer::{DATA_DIRECTORY, Renderer, SUBNET_IDS, resource_block};
use super::select::Selection;
use kopsform_model::aws::resources::Tags;
use kopsform_model::{Graph, Kind, Node, NodeId};

/// What a block has: a resource of its own, or several with `for_each`.
struct Group<'a> {
    kind: Kind,
    label: String,
    /// With keys, if the block has several.
    nodes: Vec<(Option<String>, &'a NodeId, &'a Node)>,
}

/// Renders a graph as files for readers.
pub fn render(graph: &Graph, options: &Options, selection: Selection<'_>) -> Result<Output, RenderError> {
    let is_module = options.layout == Layout::Module;
    let mut renderer = Renderer::new(graph, Naming::Readable(ReadableNaming::new(graph, is_module)));
    renderer.protected = protected(graph, &options.prevent_destroy);
    renderer.data_sources = selection.data_sources.values().map(|(id, _)| (*id).clone()).collect();
    // Written twice: which tags are shared is known when all were written.
    for (id, node) in selection.resources.values() {
        renderer.body(id, node);
    }
    renderer.common_tags = locals::common_tags(&std::mem::take(&mut renderer.seen_tags));

    // The order of lists in outputs is that of the single layout, so that a change of the layout doesn't change them. That of a
    // module must not depend on the cluster's name.
    let mut kops = Renderer::new(graph, Naming::Kops);
    let mut outputs = outputs(graph, &selection, &mut renderer, (!is_module).then_some(&mut kops))?;
    let groups = grouped(&selection, &renderer);
    let mut addresses = BTreeMap::new();
    let mut blocks: Vec<(&Group<'_>, Body)> = Vec::new();
    for group in &groups {
        addresses.extend(group.nodes.iter().map(|(_, id, _)| (identity(id), renderer.naming.address(id))));
        blocks.push((group, body_of(group, &mut renderer)));
    }
    let mut shared = locals::share_lists(blocks.iter_mut().map(|(_, body)| body));

    let mut files = Files::default();
    for (local, tags) in locals::group_tags(&mut renderer) {
        files.add_local(layout::INSTANCE_GROUPS_FILE, local, tags);
    }
    for (group, body) in blocks {
        let Some((_, _, node)) = group.nodes.first() else { continue };
        // The comment on an instance group heads the first of its blocks.
        let comment = comment(&node.resource).filter(|_| first_kind(group.kind) == group.kind);
        let block = resource_block(block_type(group.kind), group.label.clone(), arrange::arrange(body));
        files.add(file_of(&node.resource), Item { comment, block });
    }
    for (id, _) in selection.data_sources.values() {
        files.add(layout::DATA_FILE, renderer.data_source(id).into());
    }

    let is_full = options.effective_provider_blocks() == ProviderBlocks::Full;
    let mut values: Vec<(String, Expression)> = Vec::new();
    if !is_module {
        values.push(("cluster_name".to_owned(), Expression::String(graph.cluster.clone())));
        if is_full {
            let project = graph.project().map(|project| ("project".to_owned(), Expression::String(project.to_owned())));
            values.extend(project);
            values.push(("region".to_owned(), Expression::String(graph.region.clone())));
        }
    }
    if let Naming::Readable(naming) = &renderer.naming {
        values.extend(naming.dashed_name().map(|(name, value)| (name.to_owned(), value)));
    }
    // What is computed from the VPC's IPv6 network needs it as a local.
    for (name, value) in outputs.iter_mut().filter(|(name, _)| name.starts_with("vpc_ipv6_")) {
        let value = std::mem::replace(value, traversal("local", [name.as_str()]));
        values.push((name.clone(), value));
    }
    if !renderer.common_tags.is_empty() {
        let tags = renderer.common_tags.clone();
        values.push((renderer.tags_local().to_owned(), renderer.tags_object(&tags, &Tags::new())));
    }
    if !renderer.subnet_ids.is_empty() {
        let ids = renderer.subnet_ids.iter().map(|(name, id)| {
            (ObjectKey::Expression(Expression::String(name.clone())), Expression::String(id.clone()))
        });
        values.push((SUBNET_IDS.to_owned(), Expression::Object(ids.collect::<Object<_, _>>())));
    }
    values.append(&mut shared);
    if is_module {
        // Last, when all names were written.
        values.splice(0..0, module_locals(&mut renderer));
    }
    for (name, value) in values {
        files.add_local(layout::LOCALS_FILE, name, value);
    }
    if is_full {
        for name in ["project", "region"] {
            if let Some(value) = outputs.get_mut(name) {
                *value = traversal("local", [name]);
            }
        }
        let region_of = |region: &str| match region == graph.region {
            true => traversal("local", ["region"]),
            false => Expression::String(region.to_owned()),
        };
        let settings = ProviderSettings {
            region: region_of(&graph.region),
            project: graph.project().map(|_| traversal("local", ["project"])),
            files_region: selection.files_region.as_deref().map(region_of),
        };
        for block in providers::provider_blocks(settings, options) {
            files.add(layout::PROVIDERS_FILE, block.into());
        }
    }
    for (name, value) in outputs {
        let value = locals::whole_collection(value, &groups_by_address(&groups, &renderer));
        files.add(layout::OUTPUTS_FILE, output_block(&name, Some(module::describe(&name)), value).into());
    }
    if let Some(block) = providers::terraform_block(&graph.platform, selection.files_region.is_some(), options) {
        files.add(layout::VERSIONS_FILE, block.into());
    }
    if is_module {
        for block in module::variables(&graph.cluster) {
            files.add(layout::VARIABLES_FILE, block.into());
        }
    }

    let mut output = renderer.files;
    output.extend(files.print(&graph.cluster, is_module));
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

/// Where the files of a module are, and the names that Terraform cannot compute, which are one of them.
fn module_locals(renderer: &mut Renderer<'_>) -> Vec<(String, Expression)> {
    let mut locals = vec![("data_dir".to_owned(), module::data_dir())];
    if let Naming::Readable(naming) = &renderer.naming
        && !naming.truncated_names.is_empty()
    {
        let path = format!("{DATA_DIRECTORY}/{}", module::NAMES_FILE);
        renderer.files.insert(path, module::names_file(&naming.truncated_names));
        locals.push(("names".to_owned(), module::names()));
    }
    locals
}

/// The kind whose blocks come before those of another one with the same label: how an instance group's instances start, then
/// the group.
fn first_kind(kind: Kind) -> Kind {
    match kind {
        Kind::AutoscalingGroup => Kind::LaunchTemplate,
        Kind::InstanceGroupManager => Kind::InstanceTemplate,
        other => other,
    }
}

/// Resources by block, in the order of their kinds; the blocks of an instance group one after the other.
fn grouped<'a>(selection: &Selection<'a>, renderer: &Renderer<'_>) -> Vec<Group<'a>> {
    let mut groups: BTreeMap<(Kind, String, Kind), Group<'a>> = BTreeMap::new();
    for (id, node) in selection.resources.values() {
        let place = renderer.naming.place(id);
        let at = (first_kind(id.kind), place.label().to_owned(), id.kind);
        let new = || Group { kind: id.kind, label: place.label().to_owned(), nodes: Vec::new() };
        groups.entry(at).or_insert_with(new).nodes.push((place.key().map(str::to_owned), id, node));
    }
    let mut groups: Vec<Group<'a>> = groups.into_values().collect();
    for group in &mut groups {
        group.nodes.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    }
    groups
}

/// The body of a block, with `for_each` if it has several resources.
fn body_of(group: &Group<'_>, renderer: &mut Renderer<'_>) -> Body {
    let mut rows = Vec::new();
    let mut own = None;
    for (key, id, node) in &group.nodes {
        let body = renderer.body(id, node);
        match key {
            Some(key) => rows.push((key.clone(), body)),
            None => own = Some(body),
        }
    }
    let mut body = own.unwrap_or_else(|| {
        let unified = unify::unify(&rows);
        let keys = rows.iter().map(|(key, _)| Expression::String(key.clone()));
        let for_each = match unified.values {
            None => call("toset", [Expression::Array(keys.collect())]),
            Some(values) => {
                let object: Object<_, _> = keys.map(ObjectKey::Expression).zip(values).collect();
                Expression::Object(object)
            }
        };
        let mut body = unified.body;
        body.0.push(Structure::Attribute(Attribute { key: Identifier::sanitized("for_each"), expr: for_each }));
        body
    });
    unify::fold(&mut body);
    body
}

/// The keys of the blocks with `for_each`, by what references to their instances begin with.
fn groups_by_address(groups: &[Group<'_>], renderer: &Renderer<'_>) -> BTreeMap<String, (Traversal, Vec<String>)> {
    let mut found = BTreeMap::new();
    for group in groups {
        let keys: Option<Vec<String>> = group.nodes.iter().map(|(key, ..)| key.clone()).collect();
        let (Some(keys), Some((_, id, _))) = (keys, group.nodes.first()) else { continue };
        let mut whole = renderer.naming.reference(id);
        whole.operators.pop();
        found.insert(format!("{}.{}", block_type(group.kind), group.label), (whole, keys));
    }
    found
}

/// Blocks by file, after its locals.
#[derive(Default)]
struct Files {
    locals: BTreeMap<&'static str, Vec<(String, Expression)>>,
    items: BTreeMap<&'static str, Vec<Item>>,
}

impl Files {
    fn add(&mut self, path: &'static str, item: Item) {
        self.items.entry(path).or_default().push(item);
    }

    fn add_local(&mut self, path: &'static str, name: String, value: Expression) {
        self.locals.entry(path).or_default().push((name, value));
        self.items.entry(path).or_default();
    }

    fn print(mut self, cluster: &str, is_module: bool) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        for (path, mut items) in self.items {
            if let Some(locals) = self.locals.remove(path) {
                let block = locals_block(locals.iter().map(|(name, value)| (name.as_str(), value.clone())));
                items.insert(0, block.into());
            }
            files.insert(path.to_owned(), document(&header(cluster, is_module, path), &items).into_bytes());
        }
        files
    }
}

/// The first lines of a file: who wrote it, and what becomes of edits. The files of a module are the same for all its clusters,
/// except for the one that names one.
fn header(cluster: &str, is_module: bool, path: &str) -> Vec<String> {
    let from = match (is_module, path) {
        (false, _) => format!("Generated by kopsform from the specs of the cluster {cluster}."),
        (true, layout::VARIABLES_FILE) => {
            format!("Generated by kopsform as a module, from the specs of the cluster {cluster}.")
        }
        (true, _) => {
            format!("Generated by kopsform as a module, from the specs of the cluster in {}.", layout::VARIABLES_FILE)
        }
    };
    vec![from, "Do not edit: the next run replaces this file. Change the specs, or add files of your own.".to_owned()]
}
