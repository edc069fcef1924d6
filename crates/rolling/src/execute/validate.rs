//! Waiting until the cluster is healthy enough to go on.

use std::time::Duration;

use super::{Executor, GroupError, Occasion};
use crate::events::Event;
use crate::health::{Scope, Tolerance};
use crate::observe::observe_health;
use crate::plan::GroupPlan;
use kopsform_spec::v1alpha2::InstanceGroupRole;

/// The pause after a look at a cluster that is not healthy. kops takes three times as long.
const AGAIN_UNHEALTHY: Duration = Duration::from_secs(10);

/// The pause between two looks at a healthy one.
const AGAIN_HEALTHY: Duration = Duration::from_secs(10);

impl Executor<'_> {
    /// Waits until the cluster was healthy so many times in a row, as far as it concerns the group.
    ///
    /// It is looked at once at least, however short the time. Before anything is touched once is enough and, as with
    /// kops, not left out with a count of zero.
    pub(super) async fn validate(&self, group: &GroupPlan, occasion: Occasion) -> Result<(), GroupError> {
        let required = match occasion {
            Occasion::Start => 1,
            Occasion::Detached | Occasion::Terminated => self.options.validate_count,
        };
        if self.deps.kubernetes.is_none() || self.options.scope == Scope::Nothing || required == 0 {
            return Ok(());
        }
        let name = || group.group.clone();
        self.tell(Event::Validating { group: name() });
        let until = self.deps.clock.now() + self.options.validation_timeout;
        let mut successes = 0;
        loop {
            self.checkpoint()?;
            let failures = self.obstacles(group).await;
            if failures.is_empty() {
                successes += 1;
                if successes >= required {
                    self.tell(Event::Healthy { group: name() });
                    return Ok(());
                }
                let again_in_seconds = AGAIN_HEALTHY.as_secs_f64();
                self.tell(Event::HealthyOnce { group: name(), successes, of: required, again_in_seconds });
                self.pause(AGAIN_HEALTHY).await?;
                continue;
            }
            successes = 0;
            let left = until.saturating_sub(self.deps.clock.now());
            if left.is_zero() {
                if self.options.fail_on_validate_error {
                    return Err(GroupError::Validation { occasion, after: self.options.validation_timeout, failures });
                }
                self.tell(Event::HealthIgnored { group: name(), failures });
                return Ok(());
            }
            let retry = AGAIN_UNHEALTHY.min(left);
            self.tell(Event::NotHealthy { group: name(), failures, retry_in_seconds: retry.as_secs_f64() });
            self.pause(retry).await?;
        }
    }

    /// What holds the group back now; an API that does not answer does, too.
    async fn obstacles(&self, group: &GroupPlan) -> Vec<String> {
        let Some(kubernetes) = self.deps.kubernetes else { return Vec::new() };
        let world = &self.deps;
        let tolerance = Tolerance { nodes: self.options.max_unready_nodes, instances: &self.known };
        match observe_health(world.cloud, kubernetes, world.cluster, world.groups).await {
            Ok((_, health)) => health
                .obstacles(&group.group, self.options.scope, tolerance)
                .into_iter()
                .map(|failure| failure.message.clone())
                .collect(),
            Err(error) => vec![error.to_string()],
        }
    }

    /// Waits until the API server says that it is ready and etcd answers, before a control-plane instance is touched.
    ///
    /// An API that does not say, or may not be asked, is taken as well: validation has seen its pods.
    pub(super) async fn control_plane_is_well(&self, group: &GroupPlan) -> Result<(), GroupError> {
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
                Err(error) => vec![error.to_string()],
            };
            if checks.is_empty() {
                return Ok(());
            }
            let left = until.saturating_sub(self.deps.clock.now());
            if left.is_zero() {
                return Err(GroupError::ControlPlaneUnwell { after, checks });
            }
            let retry = AGAIN_UNHEALTHY.min(left);
            let retry_in_seconds = retry.as_secs_f64();
            self.tell(Event::ControlPlaneUnwell { group: group.group.clone(), checks, retry_in_seconds });
            self.pause(retry).await?;
        }
    }
}
