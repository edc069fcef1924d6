//! Whether all references lead somewhere, and in which order resources can be made.

use std::collections::{BTreeMap, BTreeSet};

use super::{Dangling, Export, Graph, GraphError, Node, NodeId, References as _, Value};

impl Node {
    /// The nodes that must be there before this one, each once.
    pub fn references(&self) -> BTreeSet<NodeId> {
        let mut found = Vec::new();
        self.resource.references(&mut found);
        found.into_iter().collect()
    }
}

impl Graph {
    /// Checks that every reference of resources and exports leads to a node.
    ///
    /// # Errors
    /// [`GraphError::Dangling`] with all that do not.
    pub fn check(&self) -> Result<(), GraphError> {
        let mut dangling: Vec<Dangling> = Vec::new();
        let mut check = |from: &dyn std::fmt::Display, to: NodeId| {
            if self.node(&to).is_none() {
                dangling.push(Dangling { from: from.to_string(), to });
            }
        };
        for (id, node) in self.nodes() {
            node.references().into_iter().for_each(|to| check(id, to));
        }
        for (name, export) in self.exports() {
            let items = match export {
                Export::Single(item) => std::slice::from_ref(item),
                Export::List(items) => items.as_slice(),
            };
            for item in items {
                let of_value = match &item.value {
                    Value::Attribute(node, _) => Some(node),
                    Value::Text(_) => None,
                };
                let nodes: BTreeSet<_> = item.node.iter().chain(of_value).cloned().collect();
                nodes.into_iter().for_each(|to| check(&format_args!("output {name}"), to));
            }
        }
        if dangling.is_empty() { Ok(()) } else { Err(GraphError::Dangling(dangling)) }
    }

    /// All nodes in an order in which each comes after those it refers to; of several that could be next, the first by id is.
    ///
    /// # Errors
    /// [`GraphError::Dangling`], or [`GraphError::Cycle`] with the nodes that are in a circle or need one that is.
    pub fn order(&self) -> Result<Vec<&NodeId>, GraphError> {
        self.check()?;
        let needs = self.nodes().map(|(id, node)| (id, node.references())).collect();
        sort(&needs).map_err(|circle| GraphError::Cycle(circle.into_iter().cloned().collect()))
    }
}

/// Sorts nodes after those they need, all of which are among them. Fails with those of which none can be next.
fn sort<'a>(needs: &BTreeMap<&'a NodeId, BTreeSet<NodeId>>) -> Result<Vec<&'a NodeId>, Vec<&'a NodeId>> {
    let mut missing: BTreeMap<&NodeId, usize> = needs.iter().map(|(id, needs)| (*id, needs.len())).collect();
    let mut needed_by: BTreeMap<&NodeId, Vec<&NodeId>> = BTreeMap::new();
    for (id, needs) in needs {
        for need in needs {
            needed_by.entry(need).or_default().push(id);
        }
    }
    let mut ready: BTreeSet<&NodeId> = needs.iter().filter(|(_, needs)| needs.is_empty()).map(|(id, _)| *id).collect();
    let mut order = Vec::new();
    while let Some(next) = ready.pop_first() {
        missing.remove(next);
        order.push(next);
        for id in needed_by.remove(next).unwrap_or_default() {
            if let Some(count) = missing.get_mut(id) {
                *count -= 1;
                if *count == 0 {
                    ready.insert(id);
                }
            }
        }
    }
    if missing.is_empty() { Ok(order) } else { Err(missing.into_keys().collect()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    #[test]
    fn nodes_that_need_each_other_have_no_order() {
        let id = |name: &str| NodeId { kind: Kind::Vpc, name: name.into() };
        let (a, b, c, d) = (id("a"), id("b"), id("c"), id("d"));
        let needs = |ids: &[&NodeId]| ids.iter().map(|id| (*id).clone()).collect::<BTreeSet<_>>();
        let mut all = BTreeMap::from([(&a, needs(&[&b])), (&b, needs(&[])), (&c, needs(&[&a, &d])), (&d, needs(&[]))]);
        assert_eq!(sort(&all), Ok(vec![&b, &a, &d, &c]));
        all.insert(&b, needs(&[&c]));
        assert_eq!(sort(&all), Err(vec![&a, &b, &c]));
    }
}
