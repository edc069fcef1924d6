//! `validate cluster`: is everything there, joined and ready?

use std::time::Duration;

use serde::Serialize;

use kopsform_diagnostics::Explain;
use kopsform_model::nodeup::internal_instance_group;
use kopsform_rolling::health::{Failure, Health, NodeStatus};
use kopsform_rolling::observe::{ObserveError, observe_health};
use kopsform_rolling::ports::{Clock, Cloud, Kubernetes};
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup};

/// How often and how long.
#[derive(Debug, Clone, Copy)]
pub struct ValidateOptions {
    /// The time the cluster may take to get healthy; zero looks once.
    pub wait: Duration,
    /// How often in a row it has to be healthy; zero and one are the same.
    pub count: u32,
    /// The pause between two looks.
    pub interval: Duration,
}

/// Why a cluster is not valid. All of it is told as `validation failed: …`, as kops does.
#[derive(Debug, thiserror::Error)]
pub enum ValidateError {
    /// It did not get healthy in time.
    #[error("validation failed: wait time exceeded during validation")]
    TimedOut,
    /// It could not be looked at.
    #[error("validation failed: unexpected error during validation: {0}")]
    Unexpected(ObserveError),
    /// It is not healthy.
    #[error("validation failed: cluster not yet healthy")]
    NotHealthy,
    /// It is healthy, and without waiting it can't be healthy more often.
    #[error("validation failed: cluster passed validation {0} consecutive times")]
    TooFew(u32),
}

impl Explain for ValidateError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::TooFew(_) => vec!["--count above 1 needs --wait".to_owned()],
            Self::NotHealthy => vec!["a new cluster takes some minutes: --wait 10m waits for it".to_owned()],
            Self::TimedOut | Self::Unexpected(_) => Vec::new(),
        }
    }
}

/// Looks until the cluster is healthy, or the time is over.
///
/// `show` gets each look's result; `note` gets lines about what is waited for.
pub async fn run(
    cluster: &Cluster,
    groups: &[InstanceGroup],
    world: (&dyn Cloud, &dyn Kubernetes, &dyn Clock),
    options: ValidateOptions,
    mut show: impl FnMut(&Health),
    mut note: impl FnMut(&str),
) -> Result<(), ValidateError> {
    let (cloud, kubernetes, clock) = world;
    let waits = !options.wait.is_zero();
    let until = clock.now() + options.wait;
    let mut successes = 0;
    loop {
        if waits && successes == 0 && clock.now() > until {
            return Err(ValidateError::TimedOut);
        }
        match observe_health(cloud, kubernetes, cluster, groups).await {
            Err(error) if !waits => return Err(ValidateError::Unexpected(error)),
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

/// The result for programs, as kops writes it: what is empty is left out.
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
    /// The document of one look.
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
    use kopsform_spec::v1alpha2::InstanceGroupRole;

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
