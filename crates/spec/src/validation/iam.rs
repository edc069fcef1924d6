//! Permissions of instances and service accounts, and authentication.

use std::collections::BTreeMap;

use super::checker::{Checker, with_suggestion};
use super::facts::ClusterFacts;
use crate::formats::Format;
use crate::v1alpha2::{Cluster, Iam};
use kopsform_diagnostics::Rule;

/// The keys of policies. `control-plane` is accepted too, and converted to `master`.
const ROLES: [&str; 4] = ["master", "apiserver", "node", "bastion"];

pub(super) fn check(cx: &mut Checker<'_>, cluster: &Cluster, facts: &ClusterFacts) {
    let spec = &cluster.spec;
    policies(cx, "additionalPolicies", &spec.additional_policies, |cx, path, policy| {
        format(cx, path, "iam-statements", policy);
    });
    policies(cx, "externalPolicies", &spec.external_policies, |cx, path, arns| {
        for (i, arn) in arns.iter().enumerate() {
            format(cx, &format!("{path}[{i}]"), "policy-arn", arn);
        }
    });
    if let Some(iam) = &spec.iam {
        if iam.legacy {
            let message = "legacy IAM permissions are no longer supported";
            cx.error(Rule::RemovedField, "spec.iam.legacy", (message, "write false, or remove it"));
        }
        service_accounts(cx, iam);
    }
    discovery(cx, cluster, facts);
    if let Some(authenticator) = spec.authentication.as_ref().and_then(|a| a.aws.as_ref())
        && !authenticator.identity_mappings.is_empty()
        && !authenticator.backend_mode.contains("CRD")
        && (authenticator.backend_mode.is_empty() || cx.holds_value("spec.authentication.aws.backendMode"))
    {
        let message = "identityMappings are read by the backend CRD only";
        cx.error(Rule::NeedsField, "spec.authentication.aws.backendMode", (message, "write CRD"));
    }
    for (i, mapping) in
        spec.authentication.iter().filter_map(|a| a.aws.as_ref()).flat_map(|a| a.identity_mappings.iter()).enumerate()
    {
        if mapping.arn.is_empty() {
            cx.required(format_args!("spec.authentication.aws.identityMappings[{i}].arn"), "the identity is missing");
        }
    }
}

fn format(cx: &mut Checker<'_>, path: &str, name: &str, text: &str) {
    let Some(format) = Format::named(name) else { return };
    let Err(error) = format.check(text) else { return };
    match (error.refused, error.hint) {
        (true, Some(hint)) => cx.error(format.rule, path, (error.message, hint)),
        (true, None) => cx.error(format.rule, path, error.message),
        (false, Some(hint)) => cx.strict(format.rule, path, (error.message, hint)),
        (false, None) => cx.strict(format.rule, path, error.message),
    }
}

/// Policies by role; `check` checks one.
fn policies<P>(
    cx: &mut Checker<'_>,
    field: &str,
    policies: &BTreeMap<String, P>,
    check: impl Fn(&mut Checker<'_>, &str, &P),
) {
    for (role, policy) in policies {
        // The key as it was written, before conversion.
        let written =
            if role == "master" && !cx.holds(&format!("spec.{field}.master")) { "control-plane" } else { role };
        let path = format!("spec.{field}.{written}");
        if !ROLES.contains(&role.as_str()) {
            let message = format!("{role} is not a role");
            cx.error(Rule::UnknownRole, &path, with_suggestion(message, role, ROLES.into_iter()));
        }
        check(cx, &path, policy);
    }
}

fn service_accounts(cx: &mut Checker<'_>, iam: &Iam) {
    let mut seen: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (i, account) in iam.service_account_external_permissions.iter().enumerate() {
        let path = |field: &str| format!("spec.iam.serviceAccountExternalPermissions[{i}].{field}");
        if account.namespace.is_empty() {
            cx.required(path("namespace"), "the namespace of the service account is missing");
        }
        if account.name.is_empty() {
            cx.required(path("name"), "the name of the service account is missing");
        } else if account.name.contains('*') {
            cx.error(
                Rule::BadName,
                path("name"),
                ("the name of a service account can't have wildcards", "make an entry for each"),
            );
        }
        if let Some(first) = seen.insert((&account.namespace, &account.name), i) {
            let message = format!("{}/{} has permissions in [{first}] already", account.namespace, account.name);
            cx.error(Rule::DuplicateItem, path("name"), message);
        }
        let Some(aws) = &account.aws else {
            cx.required(
                path("aws"),
                ("the service account has no permissions", "write aws with policyARNs or inlinePolicy"),
            );
            continue;
        };
        match (aws.policy_arns.is_empty(), aws.inline_policy.is_empty()) {
            (true, true) if !cx.holds_value(&path("aws.inlinePolicy")) && !cx.holds_value(&path("aws.policyARNs")) => {
                let message = "the service account has no permissions";
                cx.error(Rule::MissingField, path("aws"), (message, "write policyARNs or inlinePolicy"));
            }
            (false, false) => {
                let message = "policyARNs and inlinePolicy exclude each other";
                cx.error(Rule::Conflict, path("aws.inlinePolicy"), (message, "keep one of the two"));
            }
            _ => {}
        }
    }
    if !iam.service_account_external_permissions.is_empty()
        && iam.use_service_account_external_permissions != Some(true)
    {
        let message = "addons of kops keep using the permissions of instances";
        let hint = "write useServiceAccountExternalPermissions: true to change that, too";
        cx.warning(Rule::SurprisingCombination, "spec.iam.serviceAccountExternalPermissions", (message, hint));
    }
}

fn discovery(cx: &mut Checker<'_>, cluster: &Cluster, facts: &ClusterFacts) {
    const PATH: &str = "spec.serviceAccountIssuerDiscovery";
    let provider = cluster.spec.service_account_issuer_discovery.as_ref().is_some_and(|d| d.enable_aws_oidc_provider);
    if facts.external_permissions && !provider && !cluster.is_on_gce() {
        let message = "IAM roles of service accounts need an OIDC provider in AWS";
        let hint = format!("write enableAWSOIDCProvider: true and a discoveryStore under {PATH}");
        cx.warning(Rule::SurprisingCombination, "spec.iam.useServiceAccountExternalPermissions", (message, hint));
    }
    let Some(discovery) = &cluster.spec.service_account_issuer_discovery else { return };
    let store = &discovery.discovery_store;
    if !store.is_empty() && discovery.discovery_service.is_some() {
        let message = "a discovery store and a discovery service exclude each other";
        cx.error(Rule::Conflict, format_args!("{PATH}.discoveryStore"), (message, "keep one of them"));
    }
    match store.split_once("://") {
        Some(("gs", _)) if cluster.is_on_gce() => {}
        Some(_) if cluster.is_on_gce() => cx.error(
            Rule::BadStore,
            format_args!("{PATH}.discoveryStore"),
            ("the keys are published in Cloud Storage only", "write gs://bucket/prefix"),
        ),
        Some(("s3", rest)) => {
            let bucket = rest.split('/').next().unwrap_or_default();
            if bucket.contains('.') {
                let message = format!("{bucket} has dots, which the TLS certificate of S3 does not cover");
                cx.error(
                    Rule::BadBucket,
                    format_args!("{PATH}.discoveryStore"),
                    (message, "use a bucket without dots"),
                );
            }
        }
        Some(_) => cx.error(
            Rule::BadStore,
            format_args!("{PATH}.discoveryStore"),
            ("the keys are published in S3 only", "write s3://bucket/prefix"),
        ),
        None => {}
    }
    if let Some(service) = &discovery.discovery_service
        && service.url.is_empty()
    {
        cx.required(format_args!("{PATH}.discoveryService.url"), "the discovery service has no address");
    }
    if discovery.enable_aws_oidc_provider
        && store.is_empty()
        && discovery.discovery_service.is_none()
        && !cx.holds_value(&format!("{PATH}.discoveryStore"))
    {
        let message = "AWS must be able to read the keys of service accounts";
        cx.error(
            Rule::NeedsField,
            format_args!("{PATH}.enableAWSOIDCProvider"),
            (message, "write discoveryStore: s3://bucket/prefix"),
        );
    }
}
