//! Evicting the pods of a node within the disruption budgets, and reporting what blocks a drain.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::stream::StreamExt as _;

use super::{DrainError, Executor, GroupError, OnDrainTimeout};
use crate::events::{Blocker, BudgetState, Event};
use crate::plan::GroupPlan;
use crate::ports::{Budget, Eviction, Kubernetes, Pod};

/// How often a node's pods are listed during its drain.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// The pause before a refused eviction is requested again.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);

/// How many evictions of a node are requested concurrently.
const CONCURRENT_EVICTIONS: usize = 20;

/// How long deleted pods may use their own grace period before they are deleted without one.
const FORCED_GRACE: Duration = Duration::from_secs(60);

/// A pod that the drain removes.
struct PodToDrain {
    pod: Pod,
    /// Its eviction was accepted, or another client deletes it.
    terminating: bool,
    /// When its eviction is requested next.
    next: Duration,
    blocker: Option<Blocker>,
}

/// Why an eviction ended: an error of the drain, or a stop.
pub(super) enum EvictError {
    Drain(DrainError),
    Group(GroupError),
}

impl<E: Into<DrainError>> From<E> for EvictError {
    fn from(error: E) -> Self {
        Self::Drain(error.into())
    }
}

impl Executor<'_> {
    /// Evicts all pods of the node that a drain evicts, and waits until they are gone.
    pub(super) async fn evict_all(
        &self,
        kubernetes: &dyn Kubernetes,
        group: &GroupPlan,
        node: &str,
    ) -> Result<(), EvictError> {
        let drain = Drain { executor: self, kubernetes, group: &group.group, node };
        let now = self.deps.clock.now();
        let pods: Vec<_> = kubernetes
            .pods_on(node)
            .await?
            .into_iter()
            .filter(Pod::is_drained)
            .map(|pod| PodToDrain { terminating: pod.terminating, pod, next: now, blocker: None })
            .collect();
        match drain.wait(pods, self.options.drain_timeout).await? {
            None => Ok(()),
            Some(left) if self.options.on_drain_timeout == OnDrainTimeout::Force => drain.delete(left).await,
            Some(left) => {
                let blockers = left.into_iter().map(PodToDrain::into_blocker).collect();
                Err(DrainError::Timeout { after: self.options.drain_timeout, blockers }.into())
            }
        }
    }
}

impl PodToDrain {
    fn into_blocker(self) -> Blocker {
        self.blocker.filter(|_| !self.terminating).unwrap_or_else(|| Blocker {
            pod: self.pod.full_name(),
            budget: None,
            message: "evicted and still running".to_owned(),
        })
    }
}

/// The drain of one node.
struct Drain<'a> {
    executor: &'a Executor<'a>,
    kubernetes: &'a dyn Kubernetes,
    group: &'a str,
    node: &'a str,
}

impl Drain<'_> {
    /// Evicts pods until all are gone; returns those that are left after `limit`. Zero means no limit.
    async fn wait(&self, mut pods: Vec<PodToDrain>, limit: Duration) -> Result<Option<Vec<PodToDrain>>, EvictError> {
        let clock = self.executor.deps.clock;
        let until = clock.now() + limit;
        while !pods.is_empty() {
            self.executor.checkpoint().map_err(EvictError::Group)?;
            self.request_evictions(&mut pods).await?;
            if pods.is_empty() {
                break;
            }
            let left = until.saturating_sub(clock.now());
            if !limit.is_zero() && left.is_zero() {
                return Ok(Some(pods));
            }
            let pause = if limit.is_zero() { POLL_INTERVAL } else { POLL_INTERVAL.min(left) };
            self.executor.pause(pause).await.map_err(EvictError::Group)?;
            self.refresh(&mut pods).await?;
        }
        Ok(None)
    }

    /// Requests the evictions that are due.
    async fn request_evictions(&self, pods: &mut Vec<PodToDrain>) -> Result<(), EvictError> {
        let now = self.executor.deps.clock.now();
        let due: Vec<usize> = (0..pods.len()).filter(|i| !pods[*i].terminating && pods[*i].next <= now).collect();
        let waiting = pods.as_slice();
        let answers: Vec<_> = futures::stream::iter(due.into_iter().map(|i| async move {
            let pod = &waiting[i].pod;
            if waiting[i].blocker.is_none() {
                self.emit(Event::Evicting { group: self.group(), node: self.node.to_owned(), pod: pod.full_name() });
            }
            (i, self.kubernetes.evict(pod).await)
        }))
        .buffer_unordered(CONCURRENT_EVICTIONS)
        .collect()
        .await;
        let mut gone = Vec::new();
        let mut refused = Vec::new();
        for (i, answer) in answers {
            match answer? {
                Eviction::Accepted => pods[i].terminating = true,
                Eviction::Gone => gone.push(pods[i].pod.uid.clone()),
                Eviction::Refused(message) => refused.push((i, message)),
            }
        }
        self.note_refusals(pods, refused).await;
        pods.retain(|d| !gone.contains(&d.pod.uid));
        Ok(())
    }

    /// Finds the budgets behind refusals and reports each new one.
    async fn note_refusals(&self, pods: &mut [PodToDrain], refused: Vec<(usize, String)>) {
        if refused.is_empty() {
            return;
        }
        // Without permission to list budgets, the API's message is used.
        let budgets = self.kubernetes.budgets().await.unwrap_or_default();
        for (i, message) in refused {
            let pod = &pods[i].pod;
            let budget = budgets.iter().filter(|b| b.covers(pod)).min_by_key(|b| b.allowed).map(BudgetState::of);
            let blocker = Blocker { pod: pod.full_name(), budget, message };
            if pods[i].blocker.as_ref() != Some(&blocker) {
                let blocker = blocker.clone();
                self.emit(Event::Blocked { group: self.group(), node: self.node.to_owned(), blocker });
            }
            pods[i].blocker = Some(blocker);
            pods[i].next = self.executor.deps.clock.now() + RETRY_INTERVAL;
        }
    }

    /// Removes the pods that are gone; a successor of the same name is another pod.
    async fn refresh(&self, pods: &mut Vec<PodToDrain>) -> Result<(), EvictError> {
        let present: BTreeMap<String, bool> =
            self.kubernetes.pods_on(self.node).await?.into_iter().map(|p| (p.uid, p.terminating)).collect();
        pods.retain_mut(|d| {
            let Some(terminating) = present.get(&d.pod.uid) else { return false };
            d.terminating |= terminating;
            true
        });
        Ok(())
    }

    /// Deletes the remaining pods: first with their own grace period, then without one.
    async fn delete(&self, left: Vec<PodToDrain>) -> Result<(), EvictError> {
        let mut left = left;
        for (grace, limit) in [(None, FORCED_GRACE), (Some(0), FORCED_GRACE)] {
            for each in &mut left {
                if grace.is_some() || !each.terminating {
                    let pod = each.pod.full_name();
                    self.emit(Event::Deleting { group: self.group(), node: self.node.to_owned(), pod });
                    self.kubernetes.delete_pod(&each.pod, grace).await?;
                }
                each.terminating = true;
            }
            match self.wait(left, limit).await? {
                None => return Ok(()),
                Some(rest) => left = rest,
            }
        }
        let blockers = left.into_iter().map(PodToDrain::into_blocker).collect();
        Err(DrainError::Timeout { after: self.executor.options.drain_timeout, blockers }.into())
    }

    fn group(&self) -> String {
        self.group.to_owned()
    }

    fn emit(&self, event: Event) {
        self.executor.emit(event);
    }
}

impl BudgetState {
    /// A budget's numbers.
    pub(super) fn of(budget: &Budget) -> Self {
        Self {
            name: budget.name.clone(),
            disruptions_allowed: budget.allowed,
            healthy: budget.healthy,
            desired: budget.desired,
        }
    }
}
