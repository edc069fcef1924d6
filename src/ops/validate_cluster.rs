//! `validate cluster`: whether all instances exist, have joined and are ready.

use std::time::Duration;

use serde::Serialize;

use super::cluster_access::ClusterSession;
use kopsform_diagnostics::Explain;
use kopsform_model::nodeup::internal_instance_group;
use kopsform_rolling::health::{Failure, Health, NodeStatus};
use kopsform_rolling::observe::{ObserveError, observe_health};
use kopsform_rolling::ports::ApiError;
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup};

/// Repetitions and time limits.
#[derive(Debug, Clone, Copy)]
pub struct ValidateOptions {
    /// The time the cluster may take to get healthy; zero validates once.
    pub wait: Duration,
    /// How many times in a row it must be healthy; zero and one are equivalent.
    pub count: u32,
    /// The pause between two validations.
    pub interval: Duration,
}

/// Why a cluster is not valid. All messages start with `validation failed: `, as in kops.
#[derive(Debug, thiserror::Error)]
pub enum ValidateError {
    /// It did not get healthy in time.
    #[error("validation failed: wait time exceeded during validation")]
    TimedOut,
    /// It could not be observed.
    #[error("validation failed: unexpected error during validation: {0}")]
    Unexpected(ObserveError),
    /// It is not healthy.
    #[error("validation failed: cluster not yet healthy")]
    NotHealthy,
    /// It is healthy, but without waiting it is validated only once.
    #[error("validation failed: cluster passed validation {0} consecutive times")]
    TooFew(u32),
    /// The session has no access to the Kubernetes API.
    #[error("validation failed: the Kubernetes API is not connected")]
    NoKubernetes,
}

impl Explain for ValidateError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::TooFew(_) => vec!["--count above 1 needs --wait".to_owned()],
            Self::NotHealthy => vec!["a new cluster takes several minutes; --wait 10m waits for it".to_owned()],
            Self::Unexpected(error) => error.hints(),
            Self::TimedOut | Self::NoKubernetes => Vec::new(),
        }
    }
}

/// Validates until the cluster is healthy, or the time has passed.
///
/// `show` receives the result of each validation; `note` receives progress lines.
///
/// # Errors
/// When the cluster is not healthy in time.
pub async fn run(
    session: &ClusterSession,
    options: ValidateOptions,
    mut show: impl FnMut(&Health),
    mut note: impl FnMut(&str),
) -> Result<(), ValidateError> {
    let (access, clock) = (&session.access, session.clock());
    let kubernetes = session.kubernetes().ok_or(ValidateError::NoKubernetes)?;
    let waits = !options.wait.is_zero();
    let until = clock.now() + options.wait;
    let mut successes = 0;
    loop {
        if waits && successes == 0 && clock.now() > until {
            return Err(ValidateError::TimedOut);
        }
        match observe_health(access.cloud(), &kubernetes, &access.cluster, &access.groups).await {
            Err(error) if !waits || is_final(&error, &access.cluster) => return Err(ValidateError::Unexpected(error)),
            Err(error) => {
                successes = 0;
                note(&format!("(will retry): unexpected error during validation: {error}"));
            }
            Ok((_, health)) => {
                show(&health);
                if health.failures.is_empty() {
                    successes += 1;
                    if successes >= options.count {
                        return Ok(());
                    }
                    if !waits {
                        return Err(ValidateError::TooFew(successes));
                    }
                    note(&format!("(will retry): cluster passed validation {successes} consecutive times"));
                } else if waits {
                    successes = 0;
                    note("(will retry): cluster not yet healthy");
                } else {
                    return Err(ValidateError::NotHealthy);
                }
            }
        }
        clock.sleep(options.interval).await;
    }
}

/// Whether waiting does not help: access is denied. An authenticator that runs in the cluster itself, as
/// `spec.authentication` asks for, denies access until it has started.
fn is_final(error: &ObserveError, cluster: &Cluster) -> bool {
    let kubernetes = !matches!(error, ObserveError::Cloud(_));
    error.api_error().is_some_and(ApiError::is_denied) && !(kubernetes && cluster.spec.authentication.is_some())
}

/// The result for programs, as kops writes it: empty lists are omitted.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failures: Vec<FailureDocument<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    nodes: &'a [NodeStatus],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FailureDocument<'a> {
    r#type: String,
    name: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_group: Option<serde_json::Value>,
}

impl<'a> Document<'a> {
    /// The document of one validation.
    pub fn new(health: &'a Health, groups: &[InstanceGroup]) -> Self {
        let failures = health.failures.iter().map(|failure| FailureDocument {
            r#type: failure.kind.to_string(),
            name: &failure.name,
            message: &failure.message,
            instance_group: group_of(failure, groups),
        });
        Self { failures: failures.collect(), nodes: &health.nodes }
    }
}

/// The group's spec as kops prints it.
fn group_of(failure: &Failure, groups: &[InstanceGroup]) -> Option<serde_json::Value> {
    let (name, _) = failure.group.as_ref()?;
    let group = groups.iter().find(|g| g.metadata.name == *name)?;
    internal_instance_group(group).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use kopsform_rolling::health::FailureKind;
    use kopsform_rolling::ports::Retryability;
    use kopsform_spec::v1alpha2::InstanceGroupRole;

    #[test]
    fn denied_access_ends_the_wait_unless_an_authenticator_has_to_start() {
        let error = |retryability| ApiError { action: "list nodes".into(), message: "no".into(), retryability };
        let (mut cluster, denied) = (Cluster::default(), error(Retryability::Unauthenticated));
        assert!(is_final(&ObserveError::Nodes(denied.clone()), &cluster));
        assert!(is_final(&ObserveError::Pods(error(Retryability::AccessDenied)), &cluster));
        assert!(!is_final(&ObserveError::Nodes(error(Retryability::Transient)), &cluster));
        cluster.spec.authentication = Some(Default::default());
        assert!(!is_final(&ObserveError::Nodes(denied.clone()), &cluster));
        assert!(is_final(&ObserveError::Cloud(denied), &cluster), "AWS credentials do not get valid by waiting");
    }

    #[test]
    fn a_healthy_cluster_has_no_list_of_failures() {
        let document = serde_json::to_value(Document::new(&Health::default(), &[])).unwrap();
        assert_eq!(document, serde_json::json!({}));
    }

    #[test]
    fn a_failure_carries_its_group() {
        let mut group = InstanceGroup { api_version: "v".into(), kind: "InstanceGroup".into(), ..Default::default() };
        group.metadata.name = "cp".into();
        group.spec.role = Some(InstanceGroupRole::ControlPlane);
        let failure = Failure {
            kind: FailureKind::Node,
            name: "n".into(),
            message: "m".into(),
            group: Some(("cp".into(), InstanceGroupRole::ControlPlane)),
            instance: None,
        };
        let health = Health { failures: vec![failure], nodes: Vec::new() };
        let document = serde_json::to_value(Document::new(&health, &[group])).unwrap();
        assert_eq!(
            document,
            serde_json::json!({ "failures": [{ "type": "Node", "name": "n", "message": "m",
                "instanceGroup": { "metadata": { "name": "cp" }, "spec": { "role": "ControlPlane" } } }] })
        );
    }
}
