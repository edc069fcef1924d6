//! Values that several blocks have.

use std::collections::BTreeMap;

use hcl::Identifier;
use hcl::expr::{Expression, ForExpr, Traversal, TraversalOperator, Variable};
use hcl::structure::{Body, Structure};

use super::unify::unify_by_key;
use crate::format::expression;
use crate::hcl_expr::{call, traversal};
use crate::renderer::{GroupTagsOf, Renderer};
use kopsform_model::aws::resources::Tags;
use kopsform_model::aws::tags::NAME;

/// Lists of fewer values are as short as a reference.
const SHORTEST_LIST: usize = 5;

/// The tags that most resources have. The name of each is its own.
pub fn common_tags(seen: &[Tags]) -> Tags {
    let mut counts: BTreeMap<(&str, &str), (usize, &Tags)> = BTreeMap::new();
    for tags in seen {
        for (key, value) in tags.iter().filter(|(key, _)| key.as_str() != NAME) {
            counts.entry((key, value)).or_insert((0, tags)).0 += 1;
        }
    }
    let is_common = |(_, (count, _)): &(&(&str, &str), &(usize, &Tags))| count * 2 > seen.len();
    let common = counts.iter().filter(is_common).filter_map(|((key, _), (_, tags))| {
        let (key, value) = tags.get_key_value(*key)?;
        Some((key.clone(), value.clone()))
    });
    common.collect()
}

/// Moves long lists that several blocks have into locals, which are called after the argument.
pub fn share_lists<'b>(bodies: impl Iterator<Item = &'b mut Body>) -> Vec<(String, Expression)> {
    let mut uses: BTreeMap<(String, String), Vec<&mut Expression>> = BTreeMap::new();
    for body in bodies {
        for structure in &mut body.0 {
            let Structure::Attribute(attribute) = structure else { continue };
            let is_constant = |items: &Vec<Expression>| items.iter().all(|item| matches!(item, Expression::String(_)));
            if matches!(&attribute.expr, Expression::Array(items) if items.len() >= SHORTEST_LIST && is_constant(items))
            {
                let at = (attribute.key().to_owned(), expression(&attribute.expr));
                uses.entry(at).or_default().push(&mut attribute.expr);
            }
        }
    }
    let mut locals: Vec<(String, Expression)> = Vec::new();
    for ((name, _), mut uses) in uses.into_iter().filter(|(_, uses)| uses.len() > 1) {
        let same = locals.iter().filter(|(local, _)| local.starts_with(&name)).count();
        let local = if same == 0 { name } else { format!("{name}_{}", same + 1) };
        locals.push((local.clone(), uses[0].clone()));
        uses.iter_mut().for_each(|list| **list = traversal("local", [local.as_str()]));
    }
    locals
}

/// The locals of the tags of instance groups.
pub fn group_tags(renderer: &mut Renderer<'_>) -> Vec<(String, Expression)> {
    let locals = std::mem::take(&mut renderer.group_tags);
    locals.into_iter().filter_map(|(local, groups)| Some((local, tags_of_groups(groups, renderer)?))).collect()
}

/// The tags of a group, or of several by their names: with a `for` expression where the name is all that differs.
fn tags_of_groups(groups: GroupTagsOf, renderer: &mut Renderer<'_>) -> Option<Expression> {
    let mut rows = Vec::new();
    for (key, tags) in &groups {
        let tags = renderer.tags(tags)?;
        let Some(key) = key else { return Some(tags) };
        rows.push((key, tags));
    }
    let string = |key: &str| Expression::String(key.to_owned());
    let group = || Expression::from(Variable::sanitized("group"));
    let by_key: Vec<_> = rows.iter().map(|(key, tags)| (*key, tags)).collect();
    if let Some(tags) = unify_by_key(&by_key, &group()).filter(|_| rows.len() > 1) {
        let keys = Expression::Array(rows.iter().map(|(key, _)| string(key)).collect());
        let tags = ForExpr::new(Identifier::sanitized("group"), keys, tags).with_key_expr(group());
        return Some(Expression::ForExpr(Box::new(tags)));
    }
    let entries = rows.into_iter().map(|(key, tags)| (hcl::expr::ObjectKey::Expression(string(key)), tags));
    Some(Expression::Object(entries.collect()))
}

/// An attribute of all instances of a block by a splat, where a list has that of each in their order.
pub fn whole_collection(value: Expression, blocks: &BTreeMap<String, (Traversal, Vec<String>)>) -> Expression {
    let Expression::Array(items) = &value else { return value };
    splat(items, blocks).unwrap_or(value)
}

fn splat(items: &[Expression], blocks: &BTreeMap<String, (Traversal, Vec<String>)>) -> Option<Expression> {
    let parts = items.iter().map(|item| match item {
        Expression::Traversal(traversal) => match traversal.operators.as_slice() {
            [TraversalOperator::GetAttr(label), TraversalOperator::Index(Expression::String(key)), attribute] => {
                Some((format!("{}.{label}", expression(&traversal.expr)), key, attribute))
            }
            _ => None,
        },
        _ => None,
    });
    let parts: Vec<_> = parts.collect::<Option<_>>()?;
    let (address, _, attribute) = parts.first()?;
    let (whole, keys) = blocks.get(address)?;
    let is_alike = parts.iter().all(|(other, _, of)| other == address && of == attribute);
    let has_all = parts.iter().map(|(_, key, _)| *key).eq(keys);
    if !is_alike || !has_all {
        return None;
    }
    let values = call("values", [whole.clone().into()]);
    Some(Traversal::new(values, [TraversalOperator::FullSplat, (*attribute).clone()]).into())
}
