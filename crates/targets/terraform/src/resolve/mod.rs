//! A configuration with every resource in a block of its own, and with values instead of locals, variables and `each.value`.
//!
//! Layouts for readers write a value once and resources that are alike as one block with `for_each`. To compare such
//! configurations by resource, [`resolved`] undoes that: it expands `for_each` and `dynamic` blocks, and replaces local values,
//! variables that have a default, and what follows from them. References to resources stay what they are, and so does
//! everything that only Terraform knows: the result is for comparison, not for Terraform.

mod evaluate;
mod template;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use hcl::expr::Expression;
use hcl::structure::{Attribute, Block, BlockLabel, Body, Structure};

use super::format;
use super::layout::SINGLE_FILE;
use evaluate::{Scope, Values, entries};

/// Files by their path.
type Files = BTreeMap<String, Vec<u8>>;

/// Instances of a block that are written out; a block with more stays as it is.
const MOST_INSTANCES: usize = 10_000;

/// Resolves the configuration of a set of files into one file. Files that are not HCL stay as they are, and then so do all others:
/// whoever reads them reports the error.
pub fn resolved(files: &Files) -> Files {
    let mut blocks = Vec::new();
    for content in files.iter().filter(|(path, _)| path.ends_with(".tf")).map(|(_, content)| content) {
        let Some(body) = std::str::from_utf8(content).ok().and_then(|text| hcl::parse(text).ok()) else {
            return files.clone();
        };
        blocks.extend(body.into_blocks());
    }
    let values = Values::of(&blocks, files);
    let scope = Scope::new(&values);
    let (mut structures, mut others) = (Vec::new(), Vec::new());
    for block in blocks.iter().filter(|block| block.identifier() != "locals") {
        for block in instances(block, &scope) {
            let target = if block.identifier() == "resource" { &mut structures } else { &mut others };
            target.push(Structure::Block(block));
        }
    }
    structures.append(&mut others);
    let mut out: Files =
        files.iter().filter(|(path, _)| !path.ends_with(".tf")).map(|(p, c)| (p.clone(), c.clone())).collect();
    out.insert(SINGLE_FILE.to_owned(), format::file(&Body(structures)).into_bytes());
    out
}

/// The instances of a block with `for_each`, or the block itself.
fn instances(block: &Block, scope: &Scope<'_>) -> Vec<Block> {
    let each = block.body().attributes().find(|attribute| attribute.key() == "for_each");
    let rows = each.and_then(|each| scope.reduce(&each.expr).ok()).and_then(|value| entries(&value));
    let Some(rows) = rows.filter(|rows| rows.len() <= MOST_INSTANCES && block.labels().len() == 2) else {
        return vec![Block { body: body(block.body(), scope), ..block.clone() }];
    };
    let instance = |(key, value): (String, Expression)| {
        let scope = scope.with("each", &key, value);
        let mut labels = block.labels.clone();
        if let Some(name) = labels.pop() {
            labels.push(BlockLabel::String(format!("{}[\"{}\"]", name.as_str(), format::escape(&key))));
        }
        let own = block.body().iter().filter(|s| s.as_attribute().is_none_or(|a| a.key() != "for_each"));
        Block { labels, body: body(&own.cloned().collect::<Body>(), &scope), ..block.clone() }
    };
    rows.into_iter().map(instance).collect()
}

/// A body with values, and with the blocks that `dynamic` ones make.
fn body(body: &Body, scope: &Scope<'_>) -> Body {
    let mut structures = Vec::new();
    for structure in body.iter() {
        match structure {
            Structure::Attribute(attribute) => match scope.reduce(&attribute.expr) {
                // Terraform takes null for an argument that is not there.
                Ok(Expression::Null) => {}
                Ok(expr) => structures.push(Structure::Attribute(Attribute { expr, ..attribute.clone() })),
                Err(_) => structures.push(structure.clone()),
            },
            Structure::Block(block) => match made(block, scope) {
                Some(blocks) => structures.extend(blocks.into_iter().map(Structure::Block)),
                None => {
                    let body = self::body(block.body(), scope);
                    structures.push(Structure::Block(Block { body, ..block.clone() }));
                }
            },
        }
    }
    Body(structures)
}

/// The blocks that a `dynamic` block makes; `None` for another block, or if they are not known.
fn made(block: &Block, scope: &Scope<'_>) -> Option<Vec<Block>> {
    let label = block.labels().first().filter(|_| block.identifier() == "dynamic")?.as_str();
    let argument = |name: &str| block.body().attributes().find(|attribute| attribute.key() == name);
    let rows = entries(&scope.reduce(&argument("for_each")?.expr).ok()?)?;
    let iterator = argument("iterator").map_or_else(|| label.to_owned(), |iterator| format::expression(&iterator.expr));
    let content = block.body().blocks().find(|inner| inner.identifier() == "content")?;
    let make = |(key, value): (String, Expression)| Block {
        identifier: hcl::Identifier::sanitized(label),
        labels: Vec::new(),
        body: body(content.body(), &scope.with(&iterator, &key, value)),
    };
    Some(rows.into_iter().map(make).collect())
}
