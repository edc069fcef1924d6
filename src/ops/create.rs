//! `create -f`: stores clusters, instance groups, SSH keys and additional objects that are not stored yet.

use super::documents::Text;
use super::replace::{self, ReplaceDeps, ReplaceError, ReplaceOptions, ReplacePlan};
use super::specs::Existing;
use kopsform_state::StateStore;

/// Reads the store and works out what is to be created. Nothing is written.
pub async fn plan(
    state: &StateStore,
    texts: &[Text],
    strict: bool,
    around: ReplaceDeps<'_>,
) -> Result<ReplacePlan, ReplaceError> {
    let options = ReplaceOptions { existing: Existing::Refused, force_prune: false, prune: false, strict };
    replace::plan(state, texts, options, around).await
}

/// What was created, as kops says it, and which command comes next.
pub fn summary(plan: &ReplacePlan) -> String {
    let mut text = String::from("\n");
    let mut labelled = "";
    for planned in &plan.objects {
        match planned.kind {
            "Cluster" => text.push_str(&format!("Created cluster/{}\n", planned.name)),
            "InstanceGroup" => text.push_str(&format!("Created instancegroup/{}\n", planned.name)),
            "SSHCredential" => text.push_str("Added ssh credential\n"),
            _ => {}
        }
        if labelled.is_empty() || planned.kind != "Cluster" {
            labelled = &planned.cluster;
        }
    }
    text.push_str(&format!("\nTo deploy these resources, run: kopsform update cluster --name {labelled} --yes\n\n"));
    text
}
