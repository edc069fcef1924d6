//! Roles, instance profiles and OpenID Connect providers.

use futures::{StreamExt as _, TryStreamExt as _};

use super::ClusterResources;
use crate::error::{ErrorClass, class_of, failed};
use kopsform_rolling::ports::ApiError;
use kopsform_rolling::teardown::{Kind, Resource};

/// How many objects are read concurrently: lists contain no tags, and IAM allows few calls per second.
const CONCURRENT_CALLS: usize = 8;

/// Whether one object belongs to the cluster; `Hidden`, with a warning, when the caller may not read it.
enum Lookup {
    Own(Resource),
    Other,
    Hidden(String),
}

impl ClusterResources {
    /// The cluster's own objects, and warnings for those that could not be read.
    pub(super) async fn iam(&self) -> Result<(Vec<Resource>, Vec<String>), ApiError> {
        let (profiles, roles, providers) =
            futures::try_join!(self.instance_profiles(), self.roles(), self.oidc_providers())?;
        let (mut own, mut hidden) = (Vec::new(), Vec::new());
        for lookup in profiles.into_iter().chain(roles).chain(providers) {
            match lookup {
                Lookup::Own(resource) => own.push(resource),
                Lookup::Other => {}
                Lookup::Hidden(warning) => hidden.push(warning),
            }
        }
        Ok((own, hidden))
    }

    async fn instance_profiles(&self) -> Result<Vec<Lookup>, ApiError> {
        let client = &self.clients.iam();
        let all: Vec<_> = client
            .list_instance_profiles()
            .into_paginator()
            .items()
            .send()
            .try_collect()
            .await
            .map_err(failed("ListInstanceProfiles"))?;
        let names: Vec<_> = all.iter().map(|profile| profile.instance_profile_name().to_owned()).collect();
        let lookups = futures::stream::iter(names).map(|name| async move {
            let response = client.get_instance_profile().instance_profile_name(&name).send().await;
            let action = format!("GetInstanceProfile {name}");
            let Some(response) = visible(response, &action)? else { return Ok::<_, ApiError>(Lookup::Other) };
            let profile = match response {
                Ok(response) => response.instance_profile,
                Err(hidden) => return Ok(Lookup::Hidden(hidden)),
            };
            let Some(profile) = profile.filter(|profile| self.is_tagged_owned(profile.tags())) else {
                return Ok(Lookup::Other);
            };
            let roles: Vec<String> = profile.roles().iter().map(|role| role.role_name().to_owned()).collect();
            let resource = Resource::new(Kind::InstanceProfile, &name).named(&name);
            Ok(Lookup::Own(resource.before(Kind::Role, roles)))
        });
        lookups.buffer_unordered(CONCURRENT_CALLS).try_collect().await
    }

    async fn roles(&self) -> Result<Vec<Lookup>, ApiError> {
        let client = &self.clients.iam();
        let all: Vec<_> =
            client.list_roles().into_paginator().items().send().try_collect().await.map_err(failed("ListRoles"))?;
        // Service-linked roles belong to AWS.
        let names = all.iter().filter(|role| !role.path().starts_with("/aws-service-role/"));
        let names = names.map(|role| role.role_name().to_owned()).collect::<Vec<_>>();
        let lookups = futures::stream::iter(names).map(|name| async move {
            let response = client.get_role().role_name(&name).send().await;
            let Some(response) = visible(response, &format!("GetRole {name}"))? else { return Ok(Lookup::Other) };
            Ok::<_, ApiError>(match response.map(|response| response.role) {
                Err(hidden) => Lookup::Hidden(hidden),
                Ok(Some(role)) if self.is_tagged_owned(role.tags()) => {
                    Lookup::Own(Resource::new(Kind::Role, &name).named(&name))
                }
                Ok(_) => Lookup::Other,
            })
        });
        lookups.buffer_unordered(CONCURRENT_CALLS).try_collect().await
    }

    async fn oidc_providers(&self) -> Result<Vec<Lookup>, ApiError> {
        let client = &self.clients.iam();
        let all = client.list_open_id_connect_providers().send().await.map_err(failed("ListOpenIDConnectProviders"))?;
        let arns: Vec<String> =
            all.open_id_connect_provider_list().iter().filter_map(|p| p.arn().map(str::to_owned)).collect();
        let lookups = futures::stream::iter(arns).map(|arn| async move {
            let response = client.get_open_id_connect_provider().open_id_connect_provider_arn(&arn).send().await;
            let action = format!("GetOpenIDConnectProvider {arn}");
            let Some(response) = visible(response, &action)? else { return Ok(Lookup::Other) };
            Ok::<_, ApiError>(match response {
                Err(hidden) => Lookup::Hidden(hidden),
                Ok(provider) if self.rules.is_named(provider.tags().iter().map(|t| (t.key(), t.value()))) => {
                    let url = provider.url().unwrap_or_default().to_owned();
                    Lookup::Own(Resource::new(Kind::OidcProvider, &arn).named(url))
                }
                Ok(_) => Lookup::Other,
            })
        });
        lookups.buffer_unordered(CONCURRENT_CALLS).try_collect().await
    }

    fn is_tagged_owned(&self, tags: &[aws_sdk_iam::types::Tag]) -> bool {
        self.rules.is_tagged_owned(tags.iter().map(|tag| (tag.key(), tag.value())))
    }
}

/// The response about one object: `None` when it no longer exists, a warning when the caller may not read it.
fn visible<T, E, R>(
    response: Result<T, aws_smithy_runtime_api::client::result::SdkError<E, R>>,
    action: &str,
) -> Result<Option<Result<T, String>>, ApiError>
where
    E: aws_smithy_types::error::metadata::ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    match response {
        Ok(response) => Ok(Some(Ok(response))),
        Err(error) => match class_of(&error) {
            Some(ErrorClass::NotFound) => Ok(None),
            Some(ErrorClass::AccessDenied) => {
                Ok(Some(Err(format!("failed to determine ownership: {}", failed(action)(error)))))
            }
            _ => Err(failed(action)(error)),
        },
    }
}
