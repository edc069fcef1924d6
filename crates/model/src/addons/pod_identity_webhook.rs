//! EKS pod identity webhook: gives pods the roles of their service accounts.

use std::collections::BTreeMap;

use serde::Serialize;

use super::addon_context::AddonContext;
use super::plan::{Addon, AddonsError, Plan, templates};
use crate::aws::iam::role_name;

pub(super) const ADDON: Addon = Addon { directory: "pod-identity-webhook", plan };

#[derive(Serialize)]
struct Values {
    replicas: i64,
    config: String,
}

/// The role of one service account, as the webhook reads it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Mapping {
    #[serde(rename = "RoleARN")]
    role_arn: String,
    audience: &'static str,
    #[serde(rename = "UseRegionalSTS")]
    use_regional_sts: bool,
    token_expiration: i64,
}

fn plan(scene: &AddonContext<'_>) -> Result<Option<Plan>, AddonsError> {
    let spec = &scene.cluster.spec;
    let Some(webhook) = spec.pod_identity_webhook.as_ref().filter(|webhook| webhook.enabled) else { return Ok(None) };
    let permissions = spec.iam.iter().flat_map(|iam| &iam.service_account_external_permissions);
    let mut mappings = BTreeMap::new();
    for permission in permissions.filter(|permission| permission.aws.is_some()) {
        let role = role_name(scene.cluster, &permission.namespace, &permission.name);
        let mapping = Mapping {
            role_arn: scene.role_arn(&role)?,
            audience: "amazonaws.com",
            use_regional_sts: true,
            token_expiration: 0,
        };
        mappings.insert(format!("{}/{}", permission.namespace, permission.name), mapping);
    }
    let directory = "pod-identity-webhook";
    let config = serde_json::to_string(&mappings).map_err(|source| AddonsError::Values { addon: directory, source })?;
    let values = Values { replicas: if webhook.replicas == 0 { 2 } else { webhook.replicas }, config };
    let content = scene.templates(directory, templates!("pod-identity-webhook": "rbac", "webhook"), values)?;
    Ok(Some(Plan::new("eks-pod-identity-webhook.addons.k8s.io", "k8s-1.16", content).needs_pki(true)))
}
