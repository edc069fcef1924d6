//! Taking an instance out of its load balancers before its pods go.

use std::time::Duration;

use super::{Executor, GroupError};
use crate::events::Event;
use crate::plan::{GroupPlan, Target};
use crate::ports::{LoadBalancerRef, Retryability, TargetState};
use kopsform_spec::v1alpha2::{InstanceGroupRole, InstanceManager};

/// The pause between two looks at a load balancer.
const AGAIN: Duration = Duration::from_secs(5);

/// After so many refusals in a row for lack of permission there is no hope.
const REFUSALS: usize = 3;

impl Executor<'_> {
    /// Waits until no load balancer of the group sends traffic to the instance. The time a drain may take holds here,
    /// too; kops would wait for ever.
    pub(super) async fn deregister(&self, group: &GroupPlan, target: &Target, node: &str) -> Result<(), GroupError> {
        if group.manager == InstanceManager::Karpenter || group.balancers.is_empty() {
            return Ok(());
        }
        let serves_api = matches!(group.role, InstanceGroupRole::ControlPlane | InstanceGroupRole::ApiServer);
        if serves_api && !self.options.deregister_control_plane {
            let (group, instance) = (group.group.clone(), target.instance.clone());
            self.tell(Event::StaysRegistered { group, instance });
            return Ok(());
        }
        let each = group.balancers.iter().map(|balancer| self.leave(group, target, node, balancer));
        futures::future::try_join_all(each).await.map(|_| ())
    }

    async fn leave(
        &self,
        group: &GroupPlan,
        target: &Target,
        node: &str,
        balancer: &LoadBalancerRef,
    ) -> Result<(), GroupError> {
        let instance = &target.instance;
        let give_up = |reason: String| GroupError::Deregister {
            instance: instance.clone(),
            node: node.to_owned(),
            reason: format!("{balancer}: {reason}"),
        };
        let limit = self.options.drain_timeout;
        let until = self.deps.clock.now() + limit;
        let mut told = false;
        let mut refusals = 0;
        let mut last = None;
        loop {
            self.checkpoint()?;
            let outcome = match self.deps.cloud.balancer_state(balancer, instance).await {
                Ok(TargetState::Deregistered) => return Ok(()),
                // One deregistration is enough for a target that finishes its connections.
                Ok(TargetState::Draining) if told => Ok(()),
                Ok(TargetState::InService | TargetState::Draining) => {
                    if !told {
                        self.tell(Event::Deregistering {
                            group: group.group.clone(),
                            instance: instance.clone(),
                            balancer: balancer.to_string(),
                        });
                    }
                    self.deps.cloud.deregister(balancer, instance).await.inspect(|()| told = true)
                }
                Err(error) => Err(error),
            };
            match outcome {
                Ok(()) => refusals = 0,
                Err(error) => {
                    refusals += usize::from(error.retryability == Retryability::AccessDenied);
                    self.tell(Event::DeregisterRefused {
                        group: group.group.clone(),
                        instance: instance.clone(),
                        balancer: balancer.to_string(),
                        message: error.to_string(),
                    });
                    if refusals >= REFUSALS {
                        return Err(give_up(error.to_string()));
                    }
                    last = Some(error.to_string());
                }
            }
            let left = until.saturating_sub(self.deps.clock.now());
            if !limit.is_zero() && left.is_zero() {
                let reason = last.unwrap_or_else(|| "it still finishes connections".to_owned());
                return Err(give_up(format!("still registered when the time for the drain was over: {reason}")));
            }
            self.pause(if limit.is_zero() { AGAIN } else { AGAIN.min(left) }).await?;
        }
    }
}
