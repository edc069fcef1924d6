//! Values that several blocks have.

use std::collections::{BTreeMap, BTreeSet};

use hcl::Identifier;
use hcl::expr::{Expression, ForExpr, Traversal, TraversalOperator, Variable};
use hcl::structure::{Body, Structure};

use super::unify::unify_by_key;
use crate::format::expression;
use crate::hcl_expr::{call, traversal};
use crate::renderer::{GroupTagsOf, Renderer};
use kopsform_model::Text;
use kopsform_model::aws::resources::Tags;
use kopsform_model::aws::tags::NAME;

/// Lists of fewer values are as short as a reference.
const SHORTEST_LIST: usize = 5;

/// The tags that resources share: those with which the fewest lines are left to write. The name of each is its own.
///
/// A resource refers to them only if it has all of them, so that more tags are not always better.
pub fn common_tags(seen: &[Tags]) -> Tags {
    let mut counts: BTreeMap<(&Text, &Text), usize> = BTreeMap::new();
    for tags in seen {
        for tag in tags.iter().filter(|(key, _)| key.as_str() != NAME) {
            *counts.entry(tag).or_default() += 1;
        }
    }
    let with_at_least = |least: usize| -> Tags {
        let common = counts.iter().filter(|(_, count)| **count >= least);
        common.map(|((key, value), _)| ((*key).clone(), (*value).clone())).collect()
    };
    let lines = |common: &Tags| -> usize {
        let own = |tags: &Tags| tags.iter().filter(|(key, value)| common.get(*key) != Some(value)).count();
        let has_all = |tags: &Tags| common.keys().all(|key| tags.contains_key(key));
        let left = |tags: &Tags| if has_all(tags) { 1 + own(tags) } else { tags.len() };
        common.len() + seen.iter().map(left).sum::<usize>()
    };
    let thresholds: BTreeSet<usize> = counts.values().copied().filter(|count| *count > 1).collect();
    let choices = thresholds.into_iter().rev().map(with_at_least);
    let none = seen.iter().map(Tags::len).sum::<usize>();
    let best = choices.map(|common| (lines(&common), common)).min_by_key(|(lines, _)| *lines);
    best.filter(|(lines, _)| *lines < none).map(|(_, common)| common).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(tags: &[(&str, &str)]) -> Tags {
        tags.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect()
    }

    #[test]
    fn tags_are_shared_where_most_lines_are_saved() {
        let cluster = [("KubernetesCluster", "a"), ("Owner", "jane"), ("owned", "yes")];
        let of_cluster = tags(&cluster);
        let of_group = tags(&[&cluster[..], &[("role", "1"), ("Name", "nodes")]].concat());
        // Most have the tag of the role, and the others would have to repeat the rest.
        let seen = vec![of_group.clone(), of_group.clone(), of_group.clone(), of_cluster.clone(), of_cluster.clone()];
        assert_eq!(common_tags(&seen), of_cluster);
        let groups = vec![of_group.clone(), of_group];
        assert_eq!(common_tags(&groups), tags(&[&cluster[..], &[("role", "1")]].concat()));
        assert_eq!(common_tags(&[of_cluster]), Tags::new());
        assert_eq!(common_tags(&[tags(&[("a", "1")]), tags(&[("b", "2")])]), Tags::new());
    }
}
