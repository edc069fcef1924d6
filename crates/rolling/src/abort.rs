//! Reverting what an update that did not finish left on nodes.

use serde::Serialize;

use super::execute::change_node;
use super::facts::ClusterFacts;
use super::journal::{DETACHED_MARK, Journal, JournalError};
use super::ports::{ApiError, Kubernetes, NodeChange};
use kopsform_diagnostics::Explain;

/// Why an update could not be reverted.
#[derive(Debug, thiserror::Error)]
pub enum AbortError {
    /// The journal can't be read or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A node could not be changed.
    #[error("cannot revert the changes of node {node}")]
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
            Self::Node { .. } => {
                vec!["what was reverted stays reverted; run the command again for the rest".to_owned()]
            }
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
    /// The marks, such as `tainted` and `cordoned`.
    pub marks: Vec<&'static str>,
}

/// What earlier updates left: what can be reverted, and what is only reported.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResidueReport {
    /// Nodes with taints and cordons of the update.
    pub nodes: Vec<Residue>,
    /// Instances detached from their group. Their replacements run already, so what to do with them is the user's decision.
    pub detached: Vec<Residue>,
}

/// Finds what the journal records and what still exists.
pub async fn find_residue(journal: &Journal, facts: &ClusterFacts) -> ResidueReport {
    let mut found = ResidueReport::default();
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

/// Reverts taints, cordons and labels that the journal records as the update's own, then removes the run's records.
///
/// `reverted` is called for each node; the result is what [`find_residue`] found before.
pub async fn revert(
    journal: &Journal,
    facts: &ClusterFacts,
    kubernetes: &dyn Kubernetes,
    mut reverted: impl FnMut(&Residue),
) -> Result<ResidueReport, AbortError> {
    let found = find_residue(journal, facts).await;
    for residue in &found.nodes {
        let Some(node) = &residue.node else { continue };
        let records = journal.group(&residue.group).await;
        let Some(record) = records.get(&residue.instance) else { continue };
        let undo = |ours: bool| ours.then_some(false);
        let change = NodeChange {
            tainted: undo(record.tainted),
            cordoned: undo(record.cordoned),
            excluded: undo(record.excluded),
        };
        change_node::<ApiError>(kubernetes, node, change, async |_| Ok(()))
            .await
            .map_err(|source| AbortError::Node { node: node.clone(), source })?;
        journal.forget(&residue.group, |instance, _| instance == residue.instance).await?;
        reverted(residue);
    }
    for group in journal.groups().await {
        journal.forget(&group, |_, _| true).await?;
    }
    journal.end().await?;
    Ok(found)
}
