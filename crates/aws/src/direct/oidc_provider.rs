//! The cluster as an issuer of identities that IAM trusts.

use std::collections::BTreeSet;

use super::support::{change_failed, has_code, own_id, plain, sent, unchanged, with_id};
use super::{DirectCloud, Search, iam_role};
use crate::error::failed;
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, TaskKind, Value};
use kopsform_model::aws::resources::OidcProvider;
use kopsform_rolling::ports::ApiError;

/// A provider is found by its URL, which is a part of its ARN.
pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let mut found = Found::default();
    let wanted = search.of::<OidcProvider>(TaskKind::OidcProvider);
    if wanted.is_empty() {
        return Ok(found);
    }
    let client = search.cloud.clients.iam();
    let listed = client.list_open_id_connect_providers().send().await.map_err(failed("ListOpenIDConnectProviders"))?;
    for (task, provider) in wanted {
        let suffix = format!("oidc-provider/{}", host(&provider.url));
        let mut arns = listed.open_id_connect_provider_list().iter().filter_map(|provider| provider.arn());
        let Some(arn) = arns.find(|arn| arn.ends_with(&suffix)) else { continue };
        let call = client.get_open_id_connect_provider().open_id_connect_provider_arn(arn);
        let existing = call.send().await.map_err(failed(format!("GetOpenIDConnectProvider {arn}")))?;
        let object = Object::new(arn)
            .field("ClientIDs", Value::set(existing.client_id_list()))
            .field("Tags", Value::Map(iam_role::tag_map(existing.tags())))
            .field("Thumbprints", Value::set(existing.thumbprint_list()));
        found.objects.insert(task.id.clone(), object);
    }
    Ok(found)
}

/// A URL without its scheme.
fn host(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, host)| host)
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let provider = cloud.resource::<OidcProvider>(operation.task)?;
    let call = cloud
        .clients
        .iam()
        .create_open_id_connect_provider()
        .url(provider.url.as_str())
        .set_client_id_list(Some(provider.audiences.clone()))
        .set_thumbprint_list(Some(provider.thumbprints.clone()))
        .set_tags(Some(iam_role::tags(&plain(&provider.tags))?));
    let created = sent!(call, "CreateOpenIDConnectProvider {}", provider.url)?;
    Ok(with_id(created.open_id_connect_provider_arn().unwrap_or_default()))
}

pub(super) async fn update(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let provider = cloud.resource::<OidcProvider>(operation.task)?;
    let (arn, client) = (own_id(operation)?, cloud.clients.iam());
    if operation.changes("ClientIDs") {
        let wanted: BTreeSet<String> = provider.audiences.iter().cloned().collect();
        let found: BTreeSet<String> = match operation.found.and_then(|object| object.fields.get("ClientIDs")) {
            Some(Value::Set(items)) => items.iter().map(ToString::to_string).collect(),
            _ => BTreeSet::new(),
        };
        for id in wanted.difference(&found) {
            let call = client.add_client_id_to_open_id_connect_provider().open_id_connect_provider_arn(arn);
            sent!(call.client_id(id), "AddClientIDToOpenIDConnectProvider {id}")?;
        }
        for id in found.difference(&wanted) {
            let call = client.remove_client_id_from_open_id_connect_provider().open_id_connect_provider_arn(arn);
            match call.client_id(id).send().await {
                Err(error) if has_code(&error, "NoSuchEntity") => {}
                other => {
                    other.map_err(change_failed(format!("RemoveClientIDFromOpenIDConnectProvider {id}")))?;
                }
            }
        }
    }
    if operation.changes("Thumbprints") {
        let call = client.update_open_id_connect_provider_thumbprint().open_id_connect_provider_arn(arn);
        let call = call.set_thumbprint_list(Some(provider.thumbprints.clone()));
        sent!(call, "UpdateOpenIDConnectProviderThumbprint {arn}")?;
    }
    if operation.changes("Tags") {
        let (missing, surplus) = iam_role::tag_changes(operation);
        if !missing.is_empty() {
            let call = client.tag_open_id_connect_provider().open_id_connect_provider_arn(arn);
            sent!(call.set_tags(Some(iam_role::tags(&missing)?)), "TagOpenIDConnectProvider {arn}")?;
        }
        if !surplus.is_empty() {
            let call = client.untag_open_id_connect_provider().open_id_connect_provider_arn(arn);
            sent!(call.set_tag_keys(Some(surplus)), "UntagOpenIDConnectProvider {arn}")?;
        }
    }
    unchanged(operation)
}
