//! Service accounts, and what they are members of.

use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::Value;

use super::ownership::is_member;
use super::{ClusterResources, Machines, Place};
use crate::endpoints::Service;
use crate::value::{items, strings};
use kopsform_rolling::ports::ApiError;
use kopsform_rolling::teardown::{GoogleKind, Resource};

/// How many accounts or policies are read at once.
const CONCURRENT_CALLS: usize = 8;

impl ClusterResources {
    /// The cluster's service accounts, and the policies of the project and of buckets with any of them as members. Google keeps
    /// members when an account is deleted, so they are removed first; kops leaves them. What may not be read is a warning.
    pub(super) async fn access(&self, machines: &Machines) -> Result<(Vec<Resource>, Vec<String>), ApiError> {
        let accounts = self.rules.accounts();
        let existing = stream::iter(accounts.clone())
            .map(|email| async move {
                let path = format!("projects/{}/serviceAccounts/{email}", self.rules.project);
                let account = self.api.find(self.api.url(Service::Iam, &path)).await.map(|found| found.map(|_| email));
                visible(account, format!("get {path}"))
            })
            .buffered(CONCURRENT_CALLS)
            .try_collect::<Vec<_>>();
        let project = async {
            let policy = self.api.project_policy(&self.rules.project).await.map(Some);
            visible(policy, format!("get the IAM policy of project {}", self.rules.project))
        };
        let buckets = stream::iter(self.rules.buckets.clone())
            .map(|bucket| async move {
                let policy = match self.api.bucket_policy(&bucket).await {
                    Err(error) if error.is_not_found() => Ok(None),
                    policy => policy.map(Some),
                };
                let action = format!("get the IAM policy of bucket {bucket}");
                visible(policy.map(|policy| policy.map(|policy| (bucket, policy))), action)
            })
            .buffered(CONCURRENT_CALLS)
            .try_collect::<Vec<_>>();
        let (existing, project, buckets) = futures::try_join!(existing, project, buckets)?;

        let (existing, mut warnings) = split(existing);
        let (project, hidden) = split(vec![project]);
        warnings.extend(hidden);
        let (buckets, hidden) = split(buckets);
        warnings.extend(hidden);
        let of_project = |policy| (format!("projects/{}", self.rules.project), Place::ProjectPolicy, policy);
        let of_bucket = |(bucket, policy)| (format!("buckets/{bucket}"), Place::BucketPolicy(bucket), policy);
        let mut found = Vec::new();
        for (id, place, policy) in project.into_iter().map(of_project).chain(buckets.into_iter().map(of_bucket)) {
            let roles = roles_with(&policy, &accounts);
            if roles.is_empty() {
                continue;
            }
            let resource = Resource::new(GoogleKind::IamMembers, id).named(roles.join(","));
            self.place(resource.key.clone(), place);
            found.push(resource.before(GoogleKind::ServiceAccount, existing.clone()));
        }
        for email in existing {
            let name = email.split('@').next().unwrap_or_default().to_owned();
            let resource = Resource::new(GoogleKind::ServiceAccount, &email).named(name);
            self.place(resource.key.clone(), Place::Account(email));
            found.push(resource);
        }
        // Instances use their accounts to the end.
        let after = |r: Resource| r.after(GoogleKind::InstanceGroupManager, machines.managers.clone());
        Ok((found.into_iter().map(after).collect(), warnings))
    }
}

/// What was found, or a warning if it may not be read.
pub(super) type Visible<T> = Result<Option<T>, String>;

/// The result of a request: the resource, or a warning if reading it is forbidden. Any other error stays an error.
pub(super) fn visible<T>(answer: Result<Option<T>, crate::ApiError>, action: String) -> Result<Visible<T>, ApiError> {
    match answer {
        Ok(found) => Ok(Ok(found)),
        Err(error) if error.is_denied() => {
            Ok(Err(format!("failed to determine what belongs to the cluster: {}", error.of_call(action))))
        }
        Err(error) => Err(error.of_call(action)),
    }
}

fn split<T>(all: Vec<Visible<T>>) -> (Vec<T>, Vec<String>) {
    let (mut found, mut warnings) = (Vec::new(), Vec::new());
    for one in all {
        match one {
            Ok(one) => found.extend(one),
            Err(warning) => warnings.push(warning),
        }
    }
    (found, warnings)
}

/// The roles of a policy that accounts are members of.
fn roles_with(policy: &Value, accounts: &[String]) -> Vec<String> {
    let bindings = items(policy, "bindings");
    let own = bindings.filter(|binding| strings(binding, "members").any(|member| is_member(member, accounts)));
    own.map(|binding| crate::value::text(binding, "role").to_owned()).collect()
}

/// Removes accounts from a policy, and bindings that have no members without them. Returns whether any was a member.
pub(super) fn remove_members(policy: &mut Value, accounts: &[String]) -> bool {
    let Some(bindings) = policy.get_mut("bindings").and_then(Value::as_array_mut) else { return false };
    let mut changed = false;
    bindings.retain_mut(|binding| {
        let Some(members) = binding.get_mut("members").and_then(Value::as_array_mut) else { return true };
        let before = members.len();
        members.retain(|member| !member.as_str().is_some_and(|member| is_member(member, accounts)));
        let removed = members.len() < before;
        changed |= removed;
        !(removed && members.is_empty())
    });
    changed
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_accounts_are_removed_from_a_policy() {
        let accounts = ["node-demo@p.iam.gserviceaccount.com".to_owned()];
        let own = "serviceAccount:node-demo@p.iam.gserviceaccount.com";
        let deleted = "deleted:serviceAccount:node-demo@p.iam.gserviceaccount.com?uid=1";
        let mut policy = json!({ "etag": "e", "version": 3, "bindings": [
            { "role": "a", "members": [own, "user:u"], "condition": { "title": "t" } },
            { "role": "b", "members": [deleted] },
            { "role": "c", "members": ["serviceAccount:xnode-demo@p.iam.gserviceaccount.com"] },
            { "role": "d", "members": [] },
        ]});
        assert_eq!(roles_with(&policy, &accounts), ["a", "b"]);
        assert!(remove_members(&mut policy, &accounts));
        let expected = json!({ "etag": "e", "version": 3, "bindings": [
            { "role": "a", "members": ["user:u"], "condition": { "title": "t" } },
            { "role": "c", "members": ["serviceAccount:xnode-demo@p.iam.gserviceaccount.com"] },
            { "role": "d", "members": [] },
        ]});
        assert_eq!(policy, expected);
        assert!(!remove_members(&mut policy, &accounts));
    }
}
