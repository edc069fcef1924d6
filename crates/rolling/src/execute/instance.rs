//! The replacement of one instance: drain, terminate, wait.

use super::drain::EvictError;
use super::nodes::NodeError;
use super::{DrainError, Executor, GroupError, OnDrainTimeout};
use crate::events::Event;
use crate::journal::JournalStep;
use crate::plan::{GroupPlan, Target};
use kopsform_spec::v1alpha2::InstanceGroupRole;

/// How a replacement ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The instance is gone.
    Replaced,
    /// Its drain timed out, and it serves again.
    Skipped,
}

impl Executor<'_> {
    /// Drains an instance, terminates it and waits for the interval.
    pub(super) async fn replace(&self, group: &GroupPlan, target: &Target) -> Result<Outcome, GroupError> {
        self.wait_for_control_plane(group).await?;
        let target = &self.located(group, target).await?;
        match self.drain(group, target).await {
            Ok(()) => {}
            Err(GroupError::Drain { source: DrainError::Timeout { after, blockers }, node })
                if self.options.on_drain_timeout == OnDrainTimeout::Skip =>
            {
                let source = DrainError::Timeout { after, blockers };
                self.drain_failed(group, target, &node, &source, "skipping the instance");
                self.release(group, target).await?;
                return Ok(Outcome::Skipped);
            }
            // Without accepted credentials no drain can succeed: that is no reason to terminate instances undrained.
            Err(GroupError::Drain { source, node })
                if !self.options.fail_on_drain_error && !source.is_unauthenticated() =>
            {
                self.drain_failed(group, target, &node, &source, "continuing anyway (--fail-on-drain-error=false)");
            }
            Err(GroupError::Deregister { reason, node, .. }) if !self.options.fail_on_drain_error => {
                self.drain_failed(group, target, &node, &reason, "continuing anyway (--fail-on-drain-error=false)");
            }
            Err(error) => return Err(error),
        }
        self.checkpoint()?;
        self.delete_node(group, target).await?;
        self.terminate(group, target).await?;
        let interval = self.interval(group.role);
        if !interval.is_zero() {
            let (group, seconds) = (group.group.clone(), interval.as_secs_f64());
            self.emit(Event::Waiting { group, seconds, why: "after terminating the instance" });
        }
        self.pause(interval).await?;
        Ok(Outcome::Replaced)
    }

    /// The target with its node. One that had none when the update was planned may have joined since, and may run pods.
    async fn located(&self, group: &GroupPlan, target: &Target) -> Result<Target, GroupError> {
        let mut target = target.clone();
        if let (None, Some(kubernetes)) = (&target.node, self.deps.kubernetes)
            && group.role != InstanceGroupRole::Bastion
        {
            let nodes = kubernetes
                .nodes()
                .await
                .map_err(|error| GroupError::Drain { node: target.instance.clone(), source: error.into() })?;
            target.node = nodes.iter().find(|n| n.instance == target.node_key).map(|n| n.name.clone());
        }
        Ok(target)
    }

    /// Deletes the node of an instance whose replacement gets its name, or the replacement would be taken for ready at once
    /// and stay cordoned.
    async fn delete_node(&self, group: &GroupPlan, target: &Target) -> Result<(), GroupError> {
        let (Some(kubernetes), Some(node)) = (self.deps.kubernetes, &target.node) else { return Ok(()) };
        if !self.deps.cloud.capabilities().keeps_names || group.role == InstanceGroupRole::Bastion {
            return Ok(());
        }
        // Recorded first: the next run must not wait for the node of an instance that will not join again.
        let instance = [(target.instance.as_str(), Some(node.as_str()))];
        self.note(group, &instance, JournalStep::DeletingNode, |_| {}).await?;
        self.emit(Event::DeletingNode { group: group.group.clone(), node: node.clone() });
        let deleted = kubernetes.delete_node(node).await;
        deleted.map_err(|source| GroupError::DeleteNode { node: node.clone(), source })
    }

    fn drain_failed(
        &self,
        group: &GroupPlan,
        target: &Target,
        node: &str,
        error: &dyn std::fmt::Display,
        then: &'static str,
    ) {
        self.emit(Event::DrainFailed {
            group: group.group.clone(),
            instance: target.instance.clone(),
            node: node.to_owned(),
            message: error.to_string(),
            then,
        });
    }

    /// Cordons the node, deregisters the instance from its load balancers and evicts its pods. A node that is gone counts as
    /// drained.
    async fn drain(&self, group: &GroupPlan, target: &Target) -> Result<(), GroupError> {
        let not_drained = |why| {
            let (group, instance) = (group.group.clone(), target.instance.clone());
            self.emit(Event::NotDrained { group, instance, why });
            Ok(())
        };
        if group.role == InstanceGroupRole::Bastion {
            return Ok(());
        }
        let Some(kubernetes) = self.deps.kubernetes else {
            return not_drained("the Kubernetes API is not used (--cloudonly)");
        };
        let Some(node) = &target.node else {
            return not_drained("it is not registered in Kubernetes");
        };
        self.emit(Event::Draining {
            group: group.group.clone(),
            instance: target.instance.clone(),
            node: node.clone(),
            reasons: target.reasons.clone(),
        });
        let failed = |source| GroupError::Drain { node: node.clone(), source };
        match self.cordon(group, target, node).await {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(NodeError::Api(error)) => return Err(failed(error.into())),
            Err(NodeError::Group(error)) => return Err(error),
        }
        let instance = [(target.instance.as_str(), Some(node.as_str()))];
        if !group.load_balancers.is_empty() {
            self.deregister(group, target, node).await?;
            self.note(group, &instance, JournalStep::Deregistered, |_| {}).await?;
        }
        match self.evict_all(kubernetes, group, node).await {
            Ok(()) => {}
            Err(EvictError::Drain(error)) => return Err(failed(error)),
            Err(EvictError::Group(error)) => return Err(error),
        }
        self.note(group, &instance, JournalStep::Drained, |_| {}).await?;
        let delay = self.options.post_drain_delay;
        if !delay.is_zero() {
            let (group, seconds) = (group.group.clone(), delay.as_secs_f64());
            self.emit(Event::Waiting { group, seconds, why: "for pods to settle after the drain" });
        }
        self.pause(delay).await
    }

    /// Terminates an instance and counts it.
    pub(super) async fn terminate(&self, group: &GroupPlan, target: &Target) -> Result<(), GroupError> {
        self.emit(Event::Terminating {
            group: group.group.clone(),
            instance: target.instance.clone(),
            node: target.node.clone(),
        });
        let instance = [(target.instance.as_str(), target.node.as_deref())];
        self.note(group, &instance, JournalStep::Terminating, |_| {}).await?;
        self.deps
            .cloud
            .terminate(&target.instance)
            .await
            .map_err(|source| GroupError::Terminate { instance: target.instance.clone(), source })?;
        self.note(group, &instance, JournalStep::Terminated, |_| {}).await?;
        let (done, of) = self.with_progress(|p| {
            p.replaced += 1;
            (p.replaced, p.total)
        });
        self.emit(Event::Terminated { group: group.group.clone(), instance: target.instance.clone(), done, of });
        Ok(())
    }
}
