//! Roles, instance profiles and OpenID Connect providers.

use futures::{StreamExt as _, TryStreamExt as _};

use super::ClusterResources;
use crate::error::{code_of, failed};
use kopsform_rolling::ports::ApiError;
use kopsform_rolling::teardown::{Kind, Resource};

/// How many objects are asked for side by side: lists say nothing of tags, and IAM answers few calls a second.
const SIDE_BY_SIDE: usize = 8;

/// What is known of one object: it is the cluster's, it is not, or it must not be looked at.
enum Looked {
    Own(Resource),
    Other,
    Hidden(String),
}

impl ClusterResources {
    /// The cluster's own objects, and which could not be looked at.
    pub(super) async fn iam(&self) -> Result<(Vec<Resource>, Vec<String>), ApiError> {
        let (profiles, roles, providers) =
            futures::try_join!(self.instance_profiles(), self.roles(), self.oidc_providers())?;
        let (mut own, mut hidden) = (Vec::new(), Vec::new());
        for looked in profiles.into_iter().chain(roles).chain(providers) {
            match looked {
                Looked::Own(resource) => own.push(resource),
                Looked::Other => {}
                Looked::Hidden(warning) => hidden.push(warning),
            }
        }
        Ok((own, hidden))
    }

    async fn instance_profiles(&self) -> Result<Vec<Looked>, ApiError> {
        let client = &self.clients.iam();
        let all: Vec<_> = client
            .list_instance_profiles()
            .into_paginator()
            .items()
            .send()
            .try_collect()
            .await
            .map_err(failed("ListInstanceProfiles"))?;
        let names = all.iter().map(|profile| profile.instance_profile_name().to_owned());
        let looks = futures::stream::iter(names).map(|name| async move {
            let answer = client.get_instance_profile().instance_profile_name(&name).send().await;
            let action = format!("GetInstanceProfile {name}");
            let Some(answer) = visible(answer, &action)? else { return Ok::<_, ApiError>(Looked::Other) };
            let profile = match answer {
                Ok(answer) => answer.instance_profile,
                Err(hidden) => return Ok(Looked::Hidden(hidden)),
            };
            let Some(profile) = profile.filter(|profile| self.says_owned(profile.tags())) else {
                return Ok(Looked::Other);
            };
            let roles: Vec<String> = profile.roles().iter().map(|role| role.role_name().to_owned()).collect();
            let resource = Resource::new(Kind::InstanceProfile, &name).named(&name);
            Ok(Looked::Own(resource.before(Kind::Role, roles)))
        });
        looks.buffer_unordered(SIDE_BY_SIDE).try_collect().await
    }

    async fn roles(&self) -> Result<Vec<Looked>, ApiError> {
        let client = &self.clients.iam();
        let all: Vec<_> =
            client.list_roles().into_paginator().items().send().try_collect().await.map_err(failed("ListRoles"))?;
        // Roles of AWS itself are no one's.
        let names = all.iter().filter(|role| !role.path().starts_with("/aws-service-role/"));
        let names = names.map(|role| role.role_name().to_owned()).collect::<Vec<_>>();
        let looks = futures::stream::iter(names).map(|name| async move {
            let answer = client.get_role().role_name(&name).send().await;
            let Some(answer) = visible(answer, &format!("GetRole {name}"))? else { return Ok(Looked::Other) };
            Ok::<_, ApiError>(match answer.map(|answer| answer.role) {
                Err(hidden) => Looked::Hidden(hidden),
                Ok(Some(role)) if self.says_owned(role.tags()) => {
                    Looked::Own(Resource::new(Kind::Role, &name).named(&name))
                }
                Ok(_) => Looked::Other,
            })
        });
        looks.buffer_unordered(SIDE_BY_SIDE).try_collect().await
    }

    async fn oidc_providers(&self) -> Result<Vec<Looked>, ApiError> {
        let client = &self.clients.iam();
        let all = client.list_open_id_connect_providers().send().await.map_err(failed("ListOpenIDConnectProviders"))?;
        let arns: Vec<String> =
            all.open_id_connect_provider_list().iter().filter_map(|p| p.arn().map(str::to_owned)).collect();
        let looks = futures::stream::iter(arns).map(|arn| async move {
            let answer = client.get_open_id_connect_provider().open_id_connect_provider_arn(&arn).send().await;
            let action = format!("GetOpenIDConnectProvider {arn}");
            let Some(answer) = visible(answer, &action)? else { return Ok(Looked::Other) };
            Ok::<_, ApiError>(match answer {
                Err(hidden) => Looked::Hidden(hidden),
                Ok(provider) if self.rules.is_named(provider.tags().iter().map(|t| (t.key(), t.value()))) => {
                    let url = provider.url().unwrap_or_default().to_owned();
                    Looked::Own(Resource::new(Kind::OidcProvider, &arn).named(url))
                }
                Ok(_) => Looked::Other,
            })
        });
        looks.buffer_unordered(SIDE_BY_SIDE).try_collect().await
    }

    fn says_owned(&self, tags: &[aws_sdk_iam::types::Tag]) -> bool {
        self.rules.says_owned(tags.iter().map(|tag| (tag.key(), tag.value())))
    }
}

/// An answer about one object: none when it is gone, a warning when the caller may not see it.
fn visible<T, E, R>(
    answer: Result<T, aws_smithy_runtime_api::client::result::SdkError<E, R>>,
    action: &str,
) -> Result<Option<Result<T, String>>, ApiError>
where
    E: aws_smithy_types::error::metadata::ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    match answer {
        Ok(answer) => Ok(Some(Ok(answer))),
        Err(error) => match code_of(&error) {
            Some("NoSuchEntity") => Ok(None),
            Some("AccessDenied" | "AccessDeniedException") => {
                Ok(Some(Err(format!("failed to determine ownership: {}", failed(action)(error)))))
            }
            _ => Err(failed(action)(error)),
        },
    }
}
