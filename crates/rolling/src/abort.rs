//! Taking back what an update that did not finish left on nodes.

use serde::Serialize;

use super::execute::change_node;
use super::facts::ClusterFacts;
use super::journal::{DETACHED_MARK, Journal, JournalError};
use super::ports::{ApiError, Kubernetes, NodeChange};
use kopsform_diagnostics::Explain;

/// Why it could not be taken back.
#[derive(Debug, thiserror::Error)]
pub enum AbortError {
    /// The journal can't be read or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A node could not be changed.
    #[error("cannot take back the changes of node {node}")]
    Node {
        /// The node.
        node: String,
        /// Why.
        source: ApiError,
    },
}

impl Explain for AbortError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Journal(error) => error.hints(),
            Self::Node { .. } => vec!["what was taken back stays so; run the command again for the rest".to_owned()],
        }
    }
}

/// What an update left on one instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Residue {
    /// The instance group.
    pub group: String,
    /// The instance.
    pub instance: String,
    /// Its node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// What is left: `tainted`, `cordoned`, …
    pub marks: Vec<&'static str>,
}

/// What can be taken back, and what can only be told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Leftovers {
    /// Nodes with taints and cordons of the update.
    pub nodes: Vec<Residue>,
    /// Instances that were taken out of their group: their successors run already, so they are for a person to decide on.
    pub detached: Vec<Residue>,
}

/// Compares the journal with what runs.
pub async fn leftovers(journal: &Journal, facts: &ClusterFacts) -> Leftovers {
    let mut found = Leftovers::default();
    for name in journal.groups().await {
        for (instance, record) in journal.group(&name).await {
            let Some((group, known)) = facts.instance(&instance) else { continue };
            let mut marks = record.marks();
            marks.retain(|mark| *mark != DETACHED_MARK);
            if !marks.is_empty() && known.node.is_some() {
                let node = record.node.or_else(|| known.node_name().map(str::to_owned));
                found.nodes.push(Residue { group: group.name.clone(), instance, node, marks });
            }
        }
    }
    for group in &facts.groups {
        for instance in group.instances.iter().filter(|i| i.detached) {
            found.detached.push(Residue {
                group: group.name.clone(),
                instance: instance.id.clone(),
                node: instance.node_name().map(str::to_owned),
                marks: vec![DETACHED_MARK],
            });
        }
    }
    found
}

/// Takes back taints, cordons and labels that the journal has as the update's own, then forgets the run.
pub async fn take_back(
    journal: &Journal,
    facts: &ClusterFacts,
    kubernetes: &dyn Kubernetes,
    mut told: impl FnMut(&Residue),
) -> Result<Leftovers, AbortError> {
    let found = leftovers(journal, facts).await;
    for leftover in &found.nodes {
        let Some(node) = &leftover.node else { continue };
        let records = journal.group(&leftover.group).await;
        let Some(record) = records.get(&leftover.instance) else { continue };
        let undo = |ours: bool| ours.then_some(false);
        let change = NodeChange {
            tainted: undo(record.tainted),
            cordoned: undo(record.cordoned),
            excluded: undo(record.excluded),
        };
        change_node::<ApiError>(kubernetes, node, change, async |_| Ok(()))
            .await
            .map_err(|source| AbortError::Node { node: node.clone(), source })?;
        journal.forget(&leftover.group, |instance, _| instance == leftover.instance).await?;
        told(leftover);
    }
    for group in journal.groups().await {
        journal.forget(&group, |_, _| true).await?;
    }
    journal.end().await?;
    Ok(found)
}
