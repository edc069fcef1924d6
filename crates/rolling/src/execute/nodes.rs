//! Changes of nodes, recorded before they are made.

use super::{Executor, GroupError};
use crate::events::Event;
use crate::journal::JournalStep;
use crate::plan::{GroupPlan, Target};
use crate::ports::{ApiError, Kubernetes, Node, NodeChange, Patched, Retryability};

/// How often a change is tried when another client changes the node at the same time.
const ATTEMPTS: usize = 5;

/// Applies the missing changes to a node and returns the node as it was before; `None` when it is gone.
///
/// `before` receives the change before it is made, so that it can be reverted if the program is stopped in between.
pub(crate) async fn change_node<E: From<ApiError>>(
    kubernetes: &dyn Kubernetes,
    name: &str,
    wanted: NodeChange,
    mut before: impl AsyncFnMut(NodeChange) -> Result<(), E>,
) -> Result<Option<Node>, E> {
    for _ in 0..ATTEMPTS {
        let Some(node) = kubernetes.node(name).await? else { return Ok(None) };
        let change = wanted.missing_from(&node);
        if change.is_empty() {
            return Ok(Some(node));
        }
        before(change).await?;
        match kubernetes.patch_node(&node, change).await? {
            Patched::Done => return Ok(Some(node)),
            Patched::Gone => return Ok(None),
            Patched::Conflict => {}
        }
    }
    Err(ApiError::transient(format!("change node {name}"), "another client keeps changing it").into())
}

/// An error of the API, or one that ends the group's update at once.
pub(super) enum NodeError {
    Api(ApiError),
    Group(GroupError),
}

impl From<ApiError> for NodeError {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl Executor<'_> {
    /// Taints the nodes of instances that will be replaced. One record for all: reverting a missing taint does no harm.
    pub(super) async fn taint(&self, group: &GroupPlan, targets: &[Target]) -> Result<(), GroupError> {
        let Some(kubernetes) = self.deps.kubernetes else { return Ok(()) };
        let nodes: Vec<_> =
            targets.iter().filter_map(|t| Some((t.instance.as_str(), Some(t.node.as_deref()?)))).collect();
        let names: Vec<_> = nodes.iter().filter_map(|(_, node)| *node).collect();
        self.emit(Event::Tainting {
            group: group.group.clone(),
            nodes: names.iter().map(|n| (*n).to_owned()).collect(),
        });
        self.note(group, &nodes, JournalStep::Tainting, |record| record.tainted = true).await?;
        for name in names {
            self.checkpoint()?;
            let wanted = NodeChange { tainted: Some(true), ..NodeChange::default() };
            let outcome = change_node::<ApiError>(kubernetes, name, wanted, async |_| Ok(())).await;
            if let Err(source) = outcome {
                if self.options.fail_on_drain_error || source.retryability == Retryability::Unauthenticated {
                    return Err(GroupError::Taint { node: name.to_owned(), source });
                }
                self.warn(format!(
                    "node {name} is not tainted, continuing anyway (--fail-on-drain-error=false): {source}"
                ));
            }
        }
        Ok(())
    }

    /// Cordons a node and excludes it from load balancers of services; `false` when it is gone.
    pub(super) async fn cordon(&self, group: &GroupPlan, target: &Target, node: &str) -> Result<bool, NodeError> {
        let Some(kubernetes) = self.deps.kubernetes else { return Ok(false) };
        let wanted = NodeChange { cordoned: Some(true), excluded: Some(true), tainted: None };
        let instance = [(target.instance.as_str(), Some(node))];
        let changed = change_node(kubernetes, node, wanted, async |change: NodeChange| {
            self.note(group, &instance, JournalStep::Cordoning, |record| {
                record.cordoned |= change.cordoned.is_some();
                record.excluded |= change.excluded.is_some();
            })
            .await
            .map_err(NodeError::Group)
        });
        if changed.await?.is_some() {
            return Ok(true);
        }
        // An instance whose node is gone is terminated without a drain. An answer of "not found" may come from a webhook or a
        // proxy, so the list decides.
        if kubernetes.nodes().await?.iter().any(|listed| listed.name == node) {
            let message = "the API does not find the node, and lists it";
            return Err(ApiError::permanent(format!("cordon node {node}"), message).into());
        }
        Ok(false)
    }

    /// Reverts the update's changes of an instance's node, so that it serves again.
    pub(super) async fn release(&self, group: &GroupPlan, target: &Target) -> Result<(), GroupError> {
        let (Some(kubernetes), Some(node)) = (self.deps.kubernetes, &target.node) else { return Ok(()) };
        let records = self.deps.journal.group(&group.group).await;
        let Some(record) = records.get(&target.instance) else { return Ok(()) };
        let undo = |marked: bool| marked.then_some(false);
        let wanted = NodeChange {
            tainted: undo(record.tainted),
            cordoned: undo(record.cordoned),
            excluded: undo(record.excluded),
        };
        if let Err(error) = change_node::<ApiError>(kubernetes, node, wanted, async |_| Ok(())).await {
            self.warn(format!("cannot revert the taint and cordon of {node}: {error}"));
            return Ok(());
        }
        let instance = [(target.instance.as_str(), Some(node.as_str()))];
        self.note(group, &instance, JournalStep::Skipped, |record| {
            record.tainted = false;
            record.cordoned = false;
            record.excluded = false;
        })
        .await
    }

    /// Records a step in the journal.
    pub(super) async fn note(
        &self,
        group: &GroupPlan,
        instances: &[(&str, Option<&str>)],
        step: JournalStep,
        change: impl Fn(&mut crate::journal::InstanceRecord),
    ) -> Result<(), GroupError> {
        let journal = self.deps.journal;
        journal.note(&group.group, instances, self.deps.clock.wall(), step, change).await?;
        if let Some(why) = journal.disabled().await
            && !self.with_progress(|p| std::mem::replace(&mut p.journal_warned, true))
        {
            self.warn(format!("the update is not recorded in a journal, so --abort cannot revert it: {why}"));
        }
        Ok(())
    }

    pub(super) fn warn(&self, message: String) {
        self.emit(Event::Warning { message });
    }
}
