//! The kindnet network.

use serde::Serialize;

use super::addon_context::AddonContext;
use super::plan::{Addon, AddonsError, Plan, RollingUpdate, Selector, templates};
use super::versions;
use kopsform_spec::v1alpha2::KindnetNetworking;

pub(super) const ADDON: Addon = Addon { directory: "kindnet", plan };

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Values<'a> {
    version: &'a str,
    repository: &'static str,
    args: Vec<String>,
    /// Kinds of policies for the whole cluster that it follows.
    policy_resources: Vec<&'static str>,
}

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    let Some(kindnet) = scene.networking().and_then(|n| n.kindnet.as_ref()) else { return Ok(None) };
    let mut files = templates!("kindnet": "rbac", "kindnet");
    let mut policy_resources = Vec::new();
    // As in kops, an option counts as soon as it is set, even to false.
    if kindnet.admin_network_policies.is_some() {
        files.extend(templates!("kindnet": "admin-network-policies"));
        policy_resources.push("adminnetworkpolicies");
    }
    if kindnet.baseline_admin_network_policies.is_some() {
        files.extend(templates!("kindnet": "baseline-admin-network-policies"));
        policy_resources.push("baselineadminnetworkpolicies");
    }
    let values = Values {
        version: &kindnet.version,
        repository: versions::KINDNET.repository,
        args: arguments(kindnet),
        policy_resources,
    };
    let content = scene.templates("kindnet", files, values)?;
    let plan = Plan::new("networking.kindnet", "k8s-1.32", content);
    Ok(Some(plan.selector(Selector::Networking).rolling_update(RollingUpdate::All)))
}

fn arguments(kindnet: &KindnetNetworking) -> Vec<String> {
    let mut args = vec![format!("--v={}", kindnet.log_level.unwrap_or_default())];
    let mut flag = |name: &str, value: Option<bool>| args.extend(value.map(|on| format!("--{name}={on}")));
    flag("network-policy", kindnet.network_policies);
    flag("admin-network-policy", kindnet.admin_network_policies);
    // kindnetd takes both kinds by the same flag.
    flag("admin-network-policy", kindnet.baseline_admin_network_policies);
    flag("dns-caching", Some(kindnet.dns_caching != Some(false)));
    flag("nat64", Some(kindnet.nat64 == Some(true)));
    args.push(format!("--fastpath-threshold={}", kindnet.fast_path_threshold.unwrap_or_default()));
    if let Some(masquerade) = &kindnet.masquerade {
        args.push(format!("--masquerading={}", masquerade.enabled != Some(false)));
        if !masquerade.non_masquerade_cidrs.is_empty() {
            args.push(format!("--no-masquerade-cidr={}", masquerade.non_masquerade_cidrs.join(",")));
        }
    }
    args
}
