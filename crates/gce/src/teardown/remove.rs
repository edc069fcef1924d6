//! Deletes resources. One that no longer exists counts as deleted.

use async_trait::async_trait;
use reqwest::Method;
use serde_json::{Value, json};

use super::access::remove_members;
use super::{ClusterResources, Place};
use crate::api::Request;
use crate::endpoints::Service;
use crate::error::ApiError;
use kopsform_rolling::teardown::{RemoveError, Remover, Resource};

/// What a failed call means for the resource; `None` when it is already deleted.
fn remove_error(action: String, error: ApiError) -> Option<RemoveError> {
    if error.is_not_found() {
        return None;
    }
    if error.is_in_use() {
        return Some(RemoveError::InUse);
    }
    let error = error.of_call(action);
    Some(match error.is_denied() {
        true => RemoveError::Denied(error.to_string()),
        false => RemoveError::Failed(error.to_string()),
    })
}

#[async_trait]
impl Remover for ClusterResources {
    async fn remove(&self, batch: &[&Resource]) -> Result<(), RemoveError> {
        let Some(first) = batch.first() else { return Ok(()) };
        let Some(place) = self.place_of(&first.key) else {
            return Err(RemoveError::Failed(format!("{} was not listed", first.key)));
        };
        let outcome = match place {
            Place::Compute(link) => self.api.delete(&link.to_string()).await,
            Place::Record { zone, .. } => self.delete_records(&zone, batch).await,
            Place::Account(email) => self.delete_account(&email).await,
            Place::ProjectPolicy => {
                let accounts = self.rules.accounts();
                self.api.edit_project_policy(&self.rules.project, |policy| remove_members(policy, &accounts)).await
            }
            Place::BucketPolicy(bucket) => {
                let accounts = self.rules.accounts();
                self.api.edit_bucket_policy(&bucket, |policy| remove_members(policy, &accounts)).await
            }
        };
        outcome.or_else(|error| remove_error(format!("delete {}", first.key), error).map_or(Ok(()), Err))
    }
}

impl ClusterResources {
    async fn delete_account(&self, email: &str) -> Result<(), ApiError> {
        let path = format!("projects/{}/serviceAccounts/{email}", self.rules.project);
        let url = self.api.url(Service::Iam, &path);
        let request = Request { method: Method::DELETE, url, query: Vec::new(), body: None };
        self.api.send(&request).await.map(|_| ())
    }

    /// Deletes records of a zone together. If one of them was deleted or changed meanwhile, they are deleted one by one.
    async fn delete_records(&self, zone: &str, batch: &[&Resource]) -> Result<(), ApiError> {
        let records: Vec<Value> = batch
            .iter()
            .filter_map(|resource| match self.place_of(&resource.key) {
                Some(Place::Record { content, .. }) => Some(content),
                _ => None,
            })
            .collect();
        let path = format!("projects/{}/managedZones/{zone}/changes", self.rules.project);
        match self.api.post(Service::Dns, &path, &json!({ "deletions": records })).await {
            Err(error) if error.is_not_found() && records.len() > 1 => {}
            answer => return answer.map(|_| ()),
        }
        for record in records {
            match self.api.post(Service::Dns, &path, &json!({ "deletions": [record] })).await {
                Err(error) if !error.is_not_found() => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}
