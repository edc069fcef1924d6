//! Reading and changing resources of any kind. Changes return when their operation is done.
//!
//! Paths are those below the version of the API: `projects/P/zones/Z/disks`, `projects/P/zones/Z/disks/D`.

use aws_lc_rs::rand;
use reqwest::Method;
use serde_json::Value;

use crate::api::{Api, Request, taken};
use crate::endpoints::Service;
use crate::error::ApiError;
use crate::operations::BUDGET;

/// The parameter by which Compute Engine recognizes a request that is sent again.
const REQUEST_ID: &str = "requestId";
/// How many attempts a change of a policy takes before others have changed it too often.
const POLICY_ATTEMPTS: u32 = 8;

impl Api {
    /// A resource of Compute Engine; `None` if it does not exist.
    pub(crate) async fn get(&self, path: &str) -> Result<Option<Value>, ApiError> {
        self.find(self.url(Service::Compute, path)).await
    }

    /// All resources of a collection of Compute Engine, over all pages; `filter` may be empty.
    pub(crate) async fn get_all(&self, collection: &str, filter: &str) -> Result<Vec<Value>, ApiError> {
        let query = if filter.is_empty() { Vec::new() } else { vec![("filter", filter)] };
        self.list(&self.url(Service::Compute, collection), &query, "items").await
    }

    /// All resources of a kind in all regions and zones of a project, over all pages.
    pub(crate) async fn get_aggregated(&self, project: &str, kind: &str, filter: &str) -> Result<Vec<Value>, ApiError> {
        let url = self.url(Service::Compute, &format!("projects/{project}/aggregated/{kind}"));
        let request = || match filter {
            "" => Request::get(url.clone()),
            filter => Request::get(url.clone()).query("filter", filter),
        };
        let of_all_locations = |page: &mut Value| match page.get_mut("items").map(Value::take) {
            Some(Value::Object(mut locations)) => locations.values_mut().flat_map(|items| taken(items, kind)).collect(),
            _ => Vec::new(),
        };
        self.pages(request, of_all_locations).await
    }

    /// All items that a method of a resource of Compute Engine lists, such as `listManagedInstances`, over all pages; `items` is
    /// the field that holds them.
    pub(crate) async fn call_list(&self, path: &str, verb: &str, items: &str) -> Result<Vec<Value>, ApiError> {
        let url = self.url(Service::Compute, &format!("{path}/{verb}"));
        let nothing = Value::Object(serde_json::Map::new());
        let request = || Request::with_json(Method::POST, url.clone(), &nothing);
        self.pages(request, |page| taken(page, items)).await
    }

    /// Creates a resource in a collection of Compute Engine.
    pub(crate) async fn insert(&self, collection: &str, body: &Value) -> Result<(), ApiError> {
        self.change(Request::with_json(Method::POST, self.url(Service::Compute, collection), body)).await
    }

    /// Changes the fields of a resource of Compute Engine that the body has.
    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Result<(), ApiError> {
        self.change(Request::with_json(Method::PATCH, self.url(Service::Compute, path), body)).await
    }

    /// Calls a method of a resource of Compute Engine that changes it, such as `setLabels`.
    pub(crate) async fn call(&self, path: &str, verb: &str, body: &Value) -> Result<(), ApiError> {
        self.change(Request::with_json(Method::POST, self.url(Service::Compute, &format!("{path}/{verb}")), body)).await
    }

    /// Deletes a resource of Compute Engine. One that does not exist is [`ApiError::is_not_found`].
    pub(crate) async fn delete(&self, path: &str) -> Result<(), ApiError> {
        let url = self.url(Service::Compute, path);
        self.change(Request { method: Method::DELETE, url, query: Vec::new(), body: None }).await
    }

    /// Sends a change and waits for its operation. A request that is sent again because its answer was lost is carried out once.
    pub(crate) async fn change(&self, request: Request<'_>) -> Result<(), ApiError> {
        let operation = self.json(&request.query(REQUEST_ID, request_id())).await?;
        self.finish(operation, BUDGET).await
    }

    /// Sends a JSON body to a method of another service and returns the answer.
    pub(crate) async fn post(&self, service: Service, path: &str, body: &Value) -> Result<Value, ApiError> {
        self.json(&Request::with_json(Method::POST, self.url(service, path), body)).await
    }

    /// The IAM policy of a project.
    pub(crate) async fn project_policy(&self, project: &str) -> Result<Value, ApiError> {
        // Version 3 has conditions, which the policy would otherwise lose when it is written.
        let options = serde_json::json!({ "options": { "requestedPolicyVersion": 3 } });
        self.post(Service::ResourceManager, &format!("projects/{project}:getIamPolicy"), &options).await
    }

    /// The IAM policy of a bucket.
    pub(crate) async fn bucket_policy(&self, bucket: &str) -> Result<Value, ApiError> {
        let url = self.url(Service::Storage, &format!("b/{}/iam", crate::percent::encoded(bucket)));
        self.json(&Request::get(url).query("optionsRequestedPolicyVersion", "3")).await
    }

    /// Changes the IAM policy of a project, if `edit` returns whether it changed anything. A policy that was changed by others
    /// meanwhile is read again.
    pub(crate) async fn edit_project_policy(
        &self,
        project: &str,
        edit: impl Fn(&mut Value) -> bool,
    ) -> Result<(), ApiError> {
        let mut attempt = 1;
        loop {
            let mut policy = self.project_policy(project).await?;
            if !edit(&mut policy) {
                return Ok(());
            }
            let body = serde_json::json!({ "policy": policy });
            match self.post(Service::ResourceManager, &format!("projects/{project}:setIamPolicy"), &body).await {
                Err(error) if error.is_outdated() && attempt < POLICY_ATTEMPTS => attempt += 1,
                answer => return answer.map(|_| ()),
            }
        }
    }

    /// The same for the IAM policy of a bucket.
    pub(crate) async fn edit_bucket_policy(
        &self,
        bucket: &str,
        edit: impl Fn(&mut Value) -> bool,
    ) -> Result<(), ApiError> {
        let url = self.url(Service::Storage, &format!("b/{}/iam", crate::percent::encoded(bucket)));
        let mut attempt = 1;
        loop {
            let mut policy = self.bucket_policy(bucket).await?;
            if !edit(&mut policy) {
                return Ok(());
            }
            match self.json(&Request::with_json(Method::PUT, url.clone(), &policy)).await {
                Err(error) if error.is_outdated() && attempt < POLICY_ATTEMPTS => attempt += 1,
                answer => return answer.map(|_| ()),
            }
        }
    }
}

/// A new random UUID. Without a source of randomness, requests would share an ID, so then there is none.
fn request_id() -> String {
    let mut bytes = [0u8; 16];
    if rand::fill(&mut bytes).is_err() {
        return String::new();
    }
    // Version 4 and the variant of RFC 9562.
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_ids_are_uuids_that_do_not_repeat() {
        let id = request_id();
        assert_eq!(id.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12], "{id}");
        assert_eq!(id.as_bytes()[14], b'4', "{id}");
        assert_ne!(id, request_id());
    }
}
