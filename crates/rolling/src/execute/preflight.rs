//! The check before a node is changed: which disruption budgets allow no eviction now.

use std::collections::{BTreeMap, BTreeSet};

use crate::events::{BudgetState, Event};
use crate::plan::{Plan, Step};
use crate::ports::{ApiError, Budget, Kubernetes, Pod};

/// A budget that will refuse evictions, with the pods and nodes it affects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TightBudget {
    /// The budget.
    pub budget: Budget,
    /// Its pods on nodes that will be drained, as `namespace/name`.
    pub pods: Vec<String>,
    /// The names of those nodes.
    pub nodes: Vec<String>,
}

/// Finds the budgets that allow no eviction now and have pods on nodes the plan drains.
pub async fn tight_budgets(kubernetes: &dyn Kubernetes, plan: &Plan) -> Result<Vec<TightBudget>, ApiError> {
    let drained: BTreeSet<&str> = plan
        .groups()
        .flat_map(|g| &g.steps)
        .filter_map(|step| if let Step::Replace { targets, .. } = step { Some(targets) } else { None })
        .flatten()
        .filter_map(|t| t.node.as_deref())
        .collect();
    if drained.is_empty() {
        return Ok(Vec::new());
    }
    let tight: Vec<_> =
        kubernetes.budgets().await?.into_iter().filter(|b| b.allowed <= 0 && b.selector.is_some()).collect();
    let mut pods: BTreeMap<String, Vec<Pod>> = BTreeMap::new();
    for budget in &tight {
        if !pods.contains_key(&budget.namespace) {
            pods.insert(budget.namespace.clone(), kubernetes.pods_in(&budget.namespace).await?);
        }
    }
    let found = tight.into_iter().filter_map(|budget| {
        let held: Vec<_> = (pods.get(&budget.namespace).into_iter().flatten())
            .filter(|p| drained.contains(p.node.as_str()) && p.is_drained() && budget.covers(p))
            .collect();
        let nodes: BTreeSet<_> = held.iter().map(|p| p.node.clone()).collect();
        let pods: Vec<_> = held.iter().map(|p| p.full_name()).collect();
        (!pods.is_empty()).then(|| TightBudget { budget, pods, nodes: nodes.into_iter().collect() })
    });
    Ok(found.collect())
}

impl TightBudget {
    /// The event that reports the budget.
    pub fn event(&self) -> Event {
        Event::BudgetAllowsNone {
            namespace: self.budget.namespace.clone(),
            budget: BudgetState::of(&self.budget),
            pods: self.pods.clone(),
            nodes: self.nodes.clone(),
        }
    }
}
