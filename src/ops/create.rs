//! `create -f`: stores clusters, instance groups, SSH keys and additional objects that are not stored yet.

use super::replace::{self, ReplaceDeps, ReplaceError, ReplaceOptions, ReplacePlan};
use super::support::documents::InputFile;
use super::support::specs::Existing;
use kopsform_diagnostics::Allowed;
use kopsform_state::StateStore;

/// Plans what to create. Nothing is written.
pub async fn plan(
    state: &StateStore,
    files: &[InputFile],
    strict: bool,
    allowed: Allowed,
    deps: ReplaceDeps<'_>,
) -> Result<ReplacePlan, ReplaceError> {
    let options = ReplaceOptions { existing: Existing::Refused, force_prune: false, prune: false, strict, allowed };
    replace::plan(state, files, options, deps).await
}

/// What was created, and the next command, in kops' words.
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
    text.push_str(&format!(
        "\nTo deploy these resources, run: kopsform update cluster --name {labelled} --yes\n\
         Or write them as Terraform:     kopsform update cluster --name {labelled} --target terraform --out .\n\n"
    ));
    text
}
