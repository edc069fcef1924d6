//! Deregistering an instance from its load balancers before its pods are evicted.

use std::time::Duration;

use super::{Executor, GroupError};
use crate::events::Event;
use crate::plan::{GroupPlan, Target};
use crate::ports::{ApiError, LoadBalancerRef, Retryability, TargetState};
use kopsform_spec::v1alpha2::InstanceGroupRole;

/// The pause between two checks of a load balancer.
const CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// How many denials in a row end the attempts: permissions do not change by themselves.
const MAX_DENIALS: usize = 3;

impl Executor<'_> {
    /// Waits until no load balancer of the group sends traffic to the instance. Bounded by the drain timeout, while kops
    /// waits without limit.
    pub(super) async fn deregister(&self, group: &GroupPlan, target: &Target, node: &str) -> Result<(), GroupError> {
        if group.load_balancers.is_empty() {
            return Ok(());
        }
        let serves_api = matches!(group.role, InstanceGroupRole::ControlPlane | InstanceGroupRole::ApiServer);
        if serves_api && !self.options.deregister_control_plane {
            let (group, instance) = (group.group.clone(), target.instance.clone());
            self.emit(Event::StaysRegistered { group, instance });
            return Ok(());
        }
        let each = group.load_balancers.iter().map(|each| self.deregister_from(each, group, target, node));
        futures::future::try_join_all(each).await.map(|_| ())
    }

    async fn deregister_from(
        &self,
        load_balancer: &LoadBalancerRef,
        group: &GroupPlan,
        target: &Target,
        node: &str,
    ) -> Result<(), GroupError> {
        let instance = &target.instance;
        let failed = |reason: String, cause: Option<ApiError>| GroupError::Deregister {
            instance: instance.clone(),
            node: node.to_owned(),
            reason: format!("{load_balancer}: {reason}"),
            cause: cause.map(Box::new),
        };
        let limit = self.options.drain_timeout;
        let until = self.deps.clock.now() + limit;
        let mut requested = false;
        let mut denials = 0;
        let mut last = None;
        loop {
            self.checkpoint()?;
            let outcome = match self.deps.cloud.load_balancer_state(load_balancer, instance).await {
                Ok(TargetState::Deregistered) => return Ok(()),
                // A target that is draining need not be deregistered twice.
                Ok(TargetState::Draining) if requested => Ok(()),
                Ok(TargetState::InService | TargetState::Draining) => {
                    if !requested {
                        self.emit(Event::Deregistering {
                            group: group.group.clone(),
                            instance: instance.clone(),
                            load_balancer: load_balancer.to_string(),
                        });
                    }
                    self.deps.cloud.deregister(load_balancer, instance).await.inspect(|()| requested = true)
                }
                Err(error) => Err(error),
            };
            match outcome {
                Ok(()) => denials = 0,
                Err(error) => {
                    denials += match error.retryability {
                        Retryability::Unauthenticated => MAX_DENIALS,
                        Retryability::AccessDenied => 1,
                        Retryability::Transient | Retryability::Unresolved | Retryability::Permanent => 0,
                    };
                    self.emit(Event::DeregisterFailed {
                        group: group.group.clone(),
                        instance: instance.clone(),
                        load_balancer: load_balancer.to_string(),
                        message: error.to_string(),
                    });
                    if denials >= MAX_DENIALS {
                        return Err(failed(error.to_string(), Some(error)));
                    }
                    last = Some(error);
                }
            }
            let left = until.saturating_sub(self.deps.clock.now());
            if !limit.is_zero() && left.is_zero() {
                let reason = last.as_ref().map(ToString::to_string);
                let reason = reason.unwrap_or_else(|| "connections are still draining".to_owned());
                return Err(failed(format!("still registered after the drain timeout: {reason}"), last));
            }
            self.pause(if limit.is_zero() { CHECK_INTERVAL } else { CHECK_INTERVAL.min(left) }).await?;
        }
    }
}
