//! Buckets of Cloud Storage: who may access their objects.

use serde_json::Value;

use crate::api::{Api, Request};
use crate::compute;
use crate::endpoints::Service;
use crate::error::ApiError;
use crate::percent::encoded;
use kopsform_model::facts::{BucketNeed, GoogleBucketFact};

/// The role by which everyone reads the objects of a public bucket.
const VIEWER: &str = "roles/storage.objectViewer";
/// Everyone.
const EVERYONE: &str = "allUsers";

/// What is known about a bucket that a cluster's files are in.
///
/// As in kops, objects get the default access control list of the bucket, and the default compute account of the cluster's project
/// may read them.
pub(crate) async fn bucket(api: &Api, need: &BucketNeed) -> Result<GoogleBucketFact, ApiError> {
    let path = format!("b/{}", encoded(&need.name));
    let bucket = api.json(&Request::get(api.url(Service::Storage, &path)).query("projection", "full")).await?;
    let object_acl = match default_acl(&bucket) {
        Some(mut acl) => {
            let account = compute::default_account(api, &need.project).await?;
            acl.extend(account.map(|account| format!("READER:user-{account}")));
            Some(acl)
        }
        None => None,
    };
    let public = match need.published {
        true => {
            let policy = api.json(&Request::get(api.url(Service::Storage, &format!("{path}/iam")))).await?;
            Some(is_public(&policy))
        }
        false => None,
    };
    Ok(GoogleBucketFact { object_acl, public })
}

/// `ROLE:ENTITY` of the default access control list of new objects; `None` where roles alone decide who has access.
fn default_acl(bucket: &Value) -> Option<Vec<String>> {
    let uniform = bucket.pointer("/iamConfiguration/uniformBucketLevelAccess/enabled");
    if uniform == Some(&Value::Bool(true)) {
        return None;
    }
    let entries = bucket.get("defaultObjectAcl").and_then(Value::as_array).into_iter().flatten();
    let text = |entry: &Value, field: &str| entry.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    Some(entries.map(|entry| format!("{}:{}", text(entry, "role"), text(entry, "entity"))).collect())
}

/// Whether roles let everyone read objects.
fn is_public(policy: &Value) -> bool {
    let bindings = policy.get("bindings").and_then(Value::as_array).into_iter().flatten();
    let mut viewers = bindings.filter(|binding| binding.get("role").and_then(Value::as_str) == Some(VIEWER));
    let is_everyone = |member: &Value| member.as_str() == Some(EVERYONE);
    viewers.any(|binding| binding.get("members").and_then(Value::as_array).is_some_and(|m| m.iter().any(is_everyone)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn buckets_with_uniform_access_have_no_lists() {
        let acl = json!([{"role": "OWNER", "entity": "project-owners-1"}, {"role": "READER", "entity": "user-a"}]);
        let fine = json!({"defaultObjectAcl": acl});
        let expected = vec!["OWNER:project-owners-1".to_owned(), "READER:user-a".to_owned()];
        assert_eq!(default_acl(&fine), Some(expected));
        let uniform = json!({
            "defaultObjectAcl": acl, "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": true}}
        });
        assert_eq!(default_acl(&uniform), None);
    }

    #[test]
    fn a_bucket_is_public_if_everyone_is_a_viewer() {
        let policy = |role: &str, member: &str| json!({"bindings": [{"role": role, "members": ["user:a", member]}]});
        assert!(is_public(&policy(VIEWER, EVERYONE)));
        assert!(!is_public(&policy(VIEWER, "allAuthenticatedUsers")));
        assert!(!is_public(&policy("roles/storage.legacyBucketReader", EVERYONE)));
        assert!(!is_public(&json!({})));
    }
}
