//! Evicting the pods of a node, within the disruption budgets, and telling what blocks.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::stream::StreamExt as _;

use super::{DrainError, Executor, GroupError, OnDrainTimeout};
use crate::events::{Blocker, BudgetState, Event};
use crate::plan::GroupPlan;
use crate::ports::{Budget, Eviction, Kubernetes, Pod};

/// How often a node is looked at while its pods go.
const LOOK: Duration = Duration::from_secs(1);

/// The pause before a refused eviction is asked for again.
const AGAIN: Duration = Duration::from_secs(5);

/// How many evictions of a node are asked for side by side.
const SIDE_BY_SIDE: usize = 20;

/// How long deleted pods may use their own grace period before they are removed outright.
const FORCED_GRACE: Duration = Duration::from_secs(60);

/// A pod that has to go.
struct PodToDrain {
    pod: Pod,
    /// Its eviction was accepted, or somebody else deletes it.
    going: bool,
    /// When to ask (again).
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
    /// Evicts all pods of the node that a drain has to evict, and waits until they are gone.
    pub(super) async fn evict_all(
        &self,
        kubernetes: &dyn Kubernetes,
        group: &GroupPlan,
        node: &str,
    ) -> Result<(), EvictError> {
        let drain = Drain { executor: self, kubernetes, group: &group.group, node };
        let now = self.deps.clock.now();
        let pods = kubernetes.pods_on(node).await?;
        let doomed: Vec<_> = pods
            .into_iter()
            .filter(Pod::is_drained)
            .map(|pod| PodToDrain { going: pod.terminating, pod, next: now, blocker: None })
            .collect();
        match drain.wait(doomed, self.options.drain_timeout).await? {
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
        self.blocker.filter(|_| !self.going).unwrap_or_else(|| Blocker {
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
    /// Evicts pods until all are gone; gives those that are left when the time is over. No time is no limit.
    async fn wait(&self, mut doomed: Vec<PodToDrain>, limit: Duration) -> Result<Option<Vec<PodToDrain>>, EvictError> {
        let clock = self.executor.deps.clock;
        let until = clock.now() + limit;
        while !doomed.is_empty() {
            self.executor.checkpoint().map_err(EvictError::Group)?;
            self.ask(&mut doomed).await?;
            if doomed.is_empty() {
                break;
            }
            let left = until.saturating_sub(clock.now());
            if !limit.is_zero() && left.is_zero() {
                return Ok(Some(doomed));
            }
            let look = if limit.is_zero() { LOOK } else { LOOK.min(left) };
            self.executor.pause(look).await.map_err(EvictError::Group)?;
            self.look(&mut doomed).await?;
        }
        Ok(None)
    }

    /// Asks for the evictions that are due.
    async fn ask(&self, doomed: &mut Vec<PodToDrain>) -> Result<(), EvictError> {
        let now = self.executor.deps.clock.now();
        let due: Vec<usize> = (0..doomed.len()).filter(|i| !doomed[*i].going && doomed[*i].next <= now).collect();
        let pods = doomed.as_slice();
        let answers: Vec<_> = futures::stream::iter(due.into_iter().map(|i| async move {
            let pod = &pods[i].pod;
            if pods[i].blocker.is_none() {
                self.tell(Event::Evicting { group: self.group(), node: self.node.to_owned(), pod: pod.full_name() });
            }
            (i, self.kubernetes.evict(pod).await)
        }))
        .buffer_unordered(SIDE_BY_SIDE)
        .collect()
        .await;
        let mut gone = Vec::new();
        let mut refused = Vec::new();
        for (i, answer) in answers {
            match answer? {
                Eviction::Accepted => doomed[i].going = true,
                Eviction::Gone => gone.push(doomed[i].pod.uid.clone()),
                Eviction::Refused(message) => refused.push((i, message)),
            }
        }
        self.note_refusals(doomed, refused).await;
        doomed.retain(|d| !gone.contains(&d.pod.uid));
        Ok(())
    }

    /// Finds the budgets behind refusals and tells each new one.
    async fn note_refusals(&self, doomed: &mut [PodToDrain], refused: Vec<(usize, String)>) {
        if refused.is_empty() {
            return;
        }
        // Without permission to list budgets the API's own words have to do.
        let budgets = self.kubernetes.budgets().await.unwrap_or_default();
        for (i, message) in refused {
            let pod = &doomed[i].pod;
            let budget = budgets.iter().filter(|b| b.covers(pod)).min_by_key(|b| b.allowed).map(BudgetState::of);
            let blocker = Blocker { pod: pod.full_name(), budget, message };
            if doomed[i].blocker.as_ref() != Some(&blocker) {
                let blocker = blocker.clone();
                self.tell(Event::Blocked { group: self.group(), node: self.node.to_owned(), blocker });
            }
            doomed[i].blocker = Some(blocker);
            doomed[i].next = self.executor.deps.clock.now() + AGAIN;
        }
    }

    /// Drops the pods that are gone; a successor of the same name is another pod.
    async fn look(&self, doomed: &mut Vec<PodToDrain>) -> Result<(), EvictError> {
        let present: BTreeMap<String, bool> =
            self.kubernetes.pods_on(self.node).await?.into_iter().map(|p| (p.uid, p.terminating)).collect();
        doomed.retain_mut(|d| {
            let Some(terminating) = present.get(&d.pod.uid) else { return false };
            d.going |= terminating;
            true
        });
        Ok(())
    }

    /// Deletes what is left: first with the pods' own grace period, then without.
    async fn delete(&self, left: Vec<PodToDrain>) -> Result<(), EvictError> {
        let mut left = left;
        for (grace, limit) in [(None, FORCED_GRACE), (Some(0), FORCED_GRACE)] {
            for doomed in &mut left {
                if grace.is_some() || !doomed.going {
                    let pod = doomed.pod.full_name();
                    self.tell(Event::Deleting { group: self.group(), node: self.node.to_owned(), pod });
                    self.kubernetes.delete_pod(&doomed.pod, grace).await?;
                }
                doomed.going = true;
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

    fn tell(&self, event: Event) {
        self.executor.tell(event);
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
