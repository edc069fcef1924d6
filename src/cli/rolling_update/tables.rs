//! What `rolling-update cluster` shows as tables.

use crate::cli::table::render;
use kopsform_rolling::abort::{Leftovers, Residue};
use kopsform_rolling::facts::ClusterFacts;

/// The groups, as kops shows them.
pub(super) fn group_table(facts: &ClusterFacts, without_nodes: bool) -> String {
    let rows = facts.groups.iter().map(|group| {
        [
            group.name.clone(),
            group.status().to_owned(),
            group.needing_update().count().to_string(),
            group.up_to_date().count().to_string(),
            group.min.to_string(),
            group.target.to_string(),
            group.max.to_string(),
            group.node_count().to_string(),
        ]
    });
    if without_nodes {
        let rows =
            rows.map(|[name, status, need, ready, min, target, max, _]| [name, status, need, ready, min, target, max]);
        return render(["NAME", "STATUS", "NEEDUPDATE", "READY", "MIN", "TARGET", "MAX"], rows.collect());
    }
    render(["NAME", "STATUS", "NEEDUPDATE", "READY", "MIN", "TARGET", "MAX", "NODES"], rows.collect())
}

/// Logs why instances need an update, for `-v`. The other output formats have the reasons as data.
pub(super) fn log_outdated(facts: &ClusterFacts) {
    for group in &facts.groups {
        for instance in group.needing_update() {
            let reasons: Vec<_> = instance.reasons.iter().map(ToString::to_string).collect();
            tracing::info!(
                group = group.name,
                instance = instance.id,
                node = instance.node_name(),
                status = %instance.status(),
                reasons = reasons.join("; "),
                "instance needs an update"
            );
        }
    }
}

/// How an instance is called.
pub(super) fn title(left: &Residue) -> String {
    match &left.node {
        Some(node) if *node != left.instance => format!("{} ({node})", left.instance),
        _ => left.instance.clone(),
    }
}

/// What is left of an earlier run.
pub(super) fn leftover_text(found: &Leftovers, done: bool) -> String {
    if found.nodes.is_empty() && found.detached.is_empty() {
        return "Nothing is left of an earlier rolling-update.\n".to_owned();
    }
    let row = |left: &Residue| {
        let node = left.node.clone().unwrap_or_else(|| "-".to_owned());
        [left.group.clone(), left.instance.clone(), node, left.marks.join(", ")]
    };
    let rows = found.nodes.iter().chain(&found.detached).map(row);
    let mut text = render(["GROUP", "INSTANCE", "NODE", "LEFT"], rows.collect());
    if !done && !found.nodes.is_empty() {
        text.push_str("\nMust specify --yes to take this back.\n");
    }
    text
}
