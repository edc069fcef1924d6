//! The check before a node is changed: which disruption budgets allow no eviction, now or ever.

use std::collections::{BTreeMap, BTreeSet};

use crate::events::{BudgetState, Event};
use crate::plan::{Plan, Step};
use crate::ports::{ApiError, Budget, Kubernetes, Phase, Pod};

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

/// What disruption budgets mean for a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BudgetCheck {
    /// The budgets that allow no eviction now and have pods on nodes the plan drains.
    pub tight: Vec<TightBudget>,
    /// The pods on these nodes that several budgets cover, as warnings: the eviction API refuses them whatever happens.
    pub warnings: Vec<String>,
}

/// Checks the budgets of the pods on nodes the plan drains.
pub async fn check_budgets(kubernetes: &dyn Kubernetes, plan: &Plan) -> Result<BudgetCheck, ApiError> {
    let drained: BTreeSet<&str> = plan
        .groups()
        .flat_map(|g| &g.steps)
        .filter_map(|step| if let Step::Replace { targets, .. } = step { Some(targets) } else { None })
        .flatten()
        .filter_map(|t| t.node.as_deref())
        .collect();
    if drained.is_empty() {
        return Ok(BudgetCheck::default());
    }
    let mut budgets: BTreeMap<String, Vec<Budget>> = BTreeMap::new();
    for budget in kubernetes.budgets().await?.into_iter().filter(|b| b.selector.is_some()) {
        budgets.entry(budget.namespace.clone()).or_default().push(budget);
    }
    budgets.retain(|_, budgets| budgets.len() > 1 || budgets.iter().any(|b| b.allowed <= 0));
    let mut found = BudgetCheck::default();
    for (namespace, budgets) in budgets {
        let pods = kubernetes.pods_in(&namespace).await?;
        let pods: Vec<_> = pods.iter().filter(|p| drained.contains(p.node.as_str()) && p.is_drained()).collect();
        found.warnings.extend(pods.iter().filter_map(|pod| covered_twice(pod, &budgets)));
        found.tight.extend(budgets.into_iter().filter(|b| b.allowed <= 0).filter_map(|b| TightBudget::of(b, &pods)));
    }
    Ok(found)
}

/// The warning about a pod that several budgets cover. Pods that do not run are evicted whatever budgets say.
fn covered_twice(pod: &Pod, budgets: &[Budget]) -> Option<String> {
    if pod.phase != Phase::Running || pod.terminating {
        return None;
    }
    let names: Vec<_> = budgets.iter().filter(|b| b.covers(pod)).map(|b| b.name.as_str()).collect();
    (names.len() > 1).then(|| {
        format!(
            "pod {} is covered by the disruption budgets {}: a pod with several budgets cannot be evicted, so the drain of {} \
             will fail",
            pod.full_name(),
            names.join(" and "),
            pod.node
        )
    })
}

impl TightBudget {
    /// `None` where none of the pods is the budget's.
    fn of(budget: Budget, pods: &[&Pod]) -> Option<Self> {
        let held: Vec<_> = pods.iter().filter(|pod| budget.covers(pod)).collect();
        let nodes: BTreeSet<_> = held.iter().map(|pod| pod.node.clone()).collect();
        let pods: Vec<_> = held.iter().map(|pod| pod.full_name()).collect();
        (!pods.is_empty()).then(|| Self { budget, pods, nodes: nodes.into_iter().collect() })
    }

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::Selector;

    #[test]
    fn a_running_pod_with_several_budgets_is_reported() {
        let budget = |name: &str| Budget {
            namespace: "default".into(),
            name: name.into(),
            selector: Some(Selector::default()),
            allowed: 1,
            ..Budget::default()
        };
        let pod = Pod { namespace: "default".into(), name: "web-0".into(), node: "n".into(), ..Pod::default() };
        let both = [budget("web-1"), budget("web-2")];
        let warning = covered_twice(&pod, &both).unwrap_or_default();
        assert!(
            warning.starts_with("pod default/web-0 is covered by the disruption budgets web-1 and web-2"),
            "{warning}"
        );
        assert_eq!(covered_twice(&pod, &both[..1]), None);
        assert_eq!(covered_twice(&Pod { phase: Phase::Succeeded, ..pod }, &both), None);
    }
}
