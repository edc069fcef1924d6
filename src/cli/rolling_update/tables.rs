//! The tables of `rolling-update cluster`.

use crate::cli::table::render;
use kopsform_rolling::abort::{Residue, ResidueReport};
use kopsform_rolling::facts::{CloudGroupFacts, ClusterFacts, GroupFacts};

/// The groups, with kops' columns.
pub(super) fn group_table(facts: &ClusterFacts, without_nodes: bool) -> String {
    let rows = facts.groups.iter().flat_map(group_rows);
    if without_nodes {
        let rows =
            rows.map(|[name, status, need, ready, min, target, max, _]| [name, status, need, ready, min, target, max]);
        return render(["NAME", "STATUS", "NEEDUPDATE", "READY", "MIN", "TARGET", "MAX"], rows.collect());
    }
    render(["NAME", "STATUS", "NEEDUPDATE", "READY", "MIN", "TARGET", "MAX", "NODES"], rows.collect())
}

/// A row for each of the cloud's groups, as kops has it; Karpenter has no group.
fn group_rows(group: &GroupFacts) -> Vec<[String; 8]> {
    let karpenter = CloudGroupFacts { name: group.name.clone(), ..CloudGroupFacts::default() };
    let parts = if group.cloud_groups.is_empty() { std::slice::from_ref(&karpenter) } else { &group.cloud_groups };
    let row = |part: &CloudGroupFacts| {
        // A detached instance belongs to its group until it is terminated.
        let only = group.cloud_groups.len() < 2;
        let instances: Vec<_> = group.instances.iter().filter(|i| only || i.cloud_group == part.name).collect();
        let outdated = instances.iter().filter(|i| i.needs_update()).count();
        [
            group.name.clone(),
            if outdated > 0 { "NeedsUpdate" } else { "Ready" }.to_owned(),
            outdated.to_string(),
            (instances.len() - outdated).to_string(),
            part.min.to_string(),
            part.target.to_string(),
            part.max.to_string(),
            instances.iter().filter(|i| i.node.is_some()).count().to_string(),
        ]
    };
    parts.iter().map(row).collect()
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

/// An instance's id, with its node's name where that differs.
pub(super) fn title(residue: &Residue) -> String {
    match &residue.node {
        Some(node) if *node != residue.instance => format!("{} ({node})", residue.instance),
        _ => residue.instance.clone(),
    }
}

/// What earlier updates left, and whether it was reverted.
pub(super) fn residue_text(found: &ResidueReport, done: bool) -> String {
    if found.nodes.is_empty() && found.detached.is_empty() {
        return "Nothing to revert from an earlier rolling-update.\n".to_owned();
    }
    let row = |residue: &Residue| {
        let node = residue.node.clone().unwrap_or_else(|| "-".to_owned());
        [residue.group.clone(), residue.instance.clone(), node, residue.marks.join(", ")]
    };
    let rows = found.nodes.iter().chain(&found.detached).map(row);
    let mut text = render(["GROUP", "INSTANCE", "NODE", "RESIDUE"], rows.collect());
    if !done && !found.nodes.is_empty() {
        text.push_str("\nMust specify --yes to revert this.\n");
    }
    text
}
