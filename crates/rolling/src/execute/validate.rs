//! Waiting until the cluster is healthy enough to continue.

use std::time::Duration;

use super::{Executor, GroupError, Occasion};
use crate::events::Event;
use crate::health::{Failure, FailureKind, Scope, Tolerance};
use crate::observe::{ObserveError, observe_health};
use crate::plan::GroupPlan;
use crate::ports::{ApiError, Retryability};
use kopsform_spec::v1alpha2::InstanceGroupRole;

/// The pause after a failed validation. kops waits three times as long.
const RETRY_INTERVAL: Duration = Duration::from_secs(10);

/// The pause between two successful validations.
const CONFIRM_INTERVAL: Duration = Duration::from_secs(10);

impl Executor<'_> {
    /// Waits until the cluster is healthy `validate_count` times in a row, as far as it concerns the group.
    ///
    /// It is validated at least once, however short the timeout. Before anything is changed, one success is required, even
    /// with a count of zero, as in kops.
    pub(super) async fn validate(&self, group: &GroupPlan, occasion: Occasion) -> Result<(), GroupError> {
        let required = match occasion {
            Occasion::Start => 1,
            Occasion::Detached | Occasion::Terminated => self.options.validate_count,
        };
        if self.deps.kubernetes.is_none() || self.options.scope == Scope::Nothing || required == 0 {
            return Ok(());
        }
        let name = || group.group.clone();
        self.emit(Event::Validating { group: name() });
        let until = self.deps.clock.now() + self.options.validation_timeout;
        let mut successes = 0;
        loop {
            self.checkpoint()?;
            let failures = match self.obstacles(group).await {
                Ok(failures) => failures,
                Err(error) => return self.denied(group, occasion, error),
            };
            if failures.is_empty() {
                successes += 1;
                if successes >= required {
                    self.emit(Event::Healthy { group: name() });
                    return Ok(());
                }
                let again_in_seconds = CONFIRM_INTERVAL.as_secs_f64();
                self.emit(Event::HealthyOnce { group: name(), successes, of: required, again_in_seconds });
                self.pause(CONFIRM_INTERVAL).await?;
                continue;
            }
            successes = 0;
            let left = until.saturating_sub(self.deps.clock.now());
            if left.is_zero() {
                if self.options.fail_on_validate_error {
                    return Err(GroupError::Validation { occasion, after: self.options.validation_timeout, failures });
                }
                self.emit(Event::HealthIgnored { group: name(), failures });
                return Ok(());
            }
            let retry = RETRY_INTERVAL.min(left);
            self.emit(Event::NotHealthy { group: name(), failures, retry_in_seconds: retry.as_secs_f64() });
            self.pause(retry).await?;
        }
    }

    /// An API that denies access says nothing about the cluster's health, and waiting changes nothing. A missing permission
    /// can be ignored as a failed validation can; without accepted credentials nothing else works either.
    fn denied(&self, group: &GroupPlan, occasion: Occasion, error: ObserveError) -> Result<(), GroupError> {
        let ignored = error.api_error().is_some_and(|e| e.retryability == Retryability::AccessDenied)
            && !self.options.fail_on_validate_error;
        if !ignored {
            return Err(GroupError::Denied { occasion, source: error });
        }
        self.emit(Event::HealthIgnored { group: group.group.clone(), failures: vec![error.to_string()] });
        Ok(())
    }

    /// The failures that hold the group back now. An API that does not answer counts as one; one that denies access is an
    /// error.
    async fn obstacles(&self, group: &GroupPlan) -> Result<Vec<String>, ObserveError> {
        let Some(kubernetes) = self.deps.kubernetes else { return Ok(Vec::new()) };
        let deps = &self.deps;
        let tolerance = Tolerance { nodes: self.options.max_unready_nodes, instances: &self.known };
        match observe_health(deps.cloud, kubernetes, deps.cluster, deps.groups).await {
            Ok((_, health)) => Ok(health
                .obstacles(&group.group, self.options.scope, tolerance)
                .into_iter()
                .filter(|failure| !self.is_of_lost(failure))
                .map(|failure| failure.message.clone())
                .collect()),
            Err(error) if error.api_error().is_some_and(ApiError::is_denied) => Err(error),
            Err(error) => Ok(vec![error.to_string()]),
        }
    }

    /// Whether an instance does not join because an earlier run deleted its node. It is replaced next.
    fn is_of_lost(&self, failure: &Failure) -> bool {
        let lost = |instance: &String| self.lost.get().is_some_and(|lost| lost.contains(instance));
        failure.kind == FailureKind::Machine && failure.instance.as_ref().is_some_and(lost)
    }

    /// Waits until the API server reports that it is ready and etcd answers, before a control-plane instance is replaced.
    ///
    /// An API that does not report it, or denies access, counts as ready: validation has checked its pods.
    pub(super) async fn wait_for_control_plane(&self, group: &GroupPlan) -> Result<(), GroupError> {
        let Some(kubernetes) = self.deps.kubernetes else { return Ok(()) };
        if group.role != InstanceGroupRole::ControlPlane {
            return Ok(());
        }
        let after = self.options.validation_timeout;
        let until = self.deps.clock.now() + after;
        loop {
            self.checkpoint()?;
            let checks = match kubernetes.failing_checks().await {
                Ok(checks) => checks,
                Err(error) if error.is_denied() => {
                    return Err(GroupError::Denied { occasion: Occasion::Start, source: ObserveError::Checks(error) });
                }
                Err(error) => vec![error.to_string()],
            };
            if checks.is_empty() {
                return Ok(());
            }
            let left = until.saturating_sub(self.deps.clock.now());
            if left.is_zero() {
                return Err(GroupError::ControlPlaneUnhealthy { after, checks });
            }
            let retry = RETRY_INTERVAL.min(left);
            let retry_in_seconds = retry.as_secs_f64();
            self.emit(Event::ControlPlaneUnhealthy { group: group.group.clone(), checks, retry_in_seconds });
            self.pause(retry).await?;
        }
    }
}
