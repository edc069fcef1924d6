//! Evicting the pods of a node within the disruption budgets, and reporting what blocks a drain.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::stream::StreamExt as _;

use super::{DrainError, Executor, GroupError, OnDrainTimeout};
use crate::events::{Blocker, BudgetState, Event};
use crate::plan::GroupPlan;
use crate::ports::{ApiError, Budget, Eviction, Kubernetes, Pod, Refusal, Retryability};

/// How often a node's pods are listed during its drain.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// The pause before a refused eviction is requested again.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);

/// How many evictions of a node are requested concurrently.
const CONCURRENT_EVICTIONS: usize = 20;

/// How long deleted pods may use their own grace period before they are deleted without one.
const FORCED_GRACE: Duration = Duration::from_secs(60);

/// How long after the end of its grace period a pod that is still there is reported. Clocks may differ a little.
const OVERDUE: jiff::SignedDuration = jiff::SignedDuration::from_secs(10);

/// A pod that the drain removes.
struct PodToDrain {
    pod: Pod,
    /// Its eviction was accepted, or another client deletes it.
    terminating: bool,
    /// The update itself evicted or deleted it.
    ours: bool,
    /// When its eviction is requested next.
    next: Duration,
    /// What was reported about it last.
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
            .map(|pod| PodToDrain { terminating: pod.terminating, pod, ours: false, next: now, blocker: None })
            .collect();
        match drain.wait(pods, self.options.drain_timeout).await? {
            None => Ok(()),
            Some(left) if self.options.on_drain_timeout == OnDrainTimeout::Force => drain.delete(left).await,
            Some(left) => Err(self.timed_out(left)),
        }
    }

    fn timed_out(&self, left: Vec<PodToDrain>) -> EvictError {
        let blockers = left.into_iter().map(PodToDrain::into_blocker).collect();
        DrainError::Timeout { after: self.options.drain_timeout, blockers }.into()
    }
}

impl PodToDrain {
    fn into_blocker(mut self) -> Blocker {
        self.blocker.take().filter(|_| !self.terminating).unwrap_or_else(|| self.unstopped())
    }

    /// The pod as one that is being deleted and does not go.
    fn unstopped(&self) -> Blocker {
        let pod = &self.pod;
        let mut message = match (self.ours, pod.deletion) {
            (true, _) => "evicted and still running".to_owned(),
            (false, None) => "terminating, not evicted by this update".to_owned(),
            (false, Some(since)) => format!("terminating since {since}, not evicted by this update"),
        };
        match pod.finalizers.as_slice() {
            [] => {}
            [one] => message.push_str(&format!(", held by finalizer {one}")),
            several => message.push_str(&format!(", held by finalizers {}", several.join(" and "))),
        }
        Blocker { pod: pod.full_name(), budget: None, message, finalizers: pod.finalizers.clone() }
    }

    fn is_overdue(&self, now: jiff::Timestamp) -> bool {
        self.terminating && self.pod.deletion.is_some_and(|end| now.duration_since(end) > OVERDUE)
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
        let mut unlisted = None;
        while !pods.is_empty() {
            self.executor.checkpoint().map_err(EvictError::Group)?;
            self.report_overdue(&mut pods);
            self.request_evictions(&mut pods).await?;
            if pods.is_empty() {
                break;
            }
            let left = until.saturating_sub(clock.now());
            if !limit.is_zero() && left.is_zero() {
                return unlisted.map_or(Ok(Some(pods)), Err);
            }
            let pause = if limit.is_zero() { POLL_INTERVAL } else { POLL_INTERVAL.min(left) };
            self.executor.pause(pause).await.map_err(EvictError::Group)?;
            // An API that is away for a while says nothing about the pods.
            unlisted = match self.refresh(&mut pods).await {
                Err(EvictError::Drain(DrainError::Api(error)))
                    if matches!(error.retryability, Retryability::Transient | Retryability::Unresolved) =>
                {
                    self.executor.warn(format!("the drain of {} goes on: {error}", self.node));
                    Some(error.into())
                }
                other => other.map(|()| None)?,
            };
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
        let mut missing = Vec::new();
        let mut refused = Vec::new();
        for (i, answer) in answers {
            match answer? {
                Eviction::Accepted => {
                    pods[i].terminating = true;
                    pods[i].ours = true;
                }
                Eviction::Missing(message) => missing.push((pods[i].pod.uid.clone(), message)),
                Eviction::Refused(refusal) => refused.push((i, refusal)),
            }
        }
        self.note_refusals(pods, refused).await?;
        self.check_missing(pods, missing).await
    }

    /// Lists the pods again after answers that say that a pod is gone. Only one that is no longer listed is: for any other
    /// the answer is a refusal, which ends the drain, as kops does on answers it has no rule for.
    async fn check_missing(
        &self,
        pods: &mut Vec<PodToDrain>,
        missing: Vec<(String, String)>,
    ) -> Result<(), EvictError> {
        if missing.is_empty() {
            return Ok(());
        }
        self.refresh(pods).await?;
        for (uid, message) in missing {
            let Some(present) = pods.iter().find(|d| d.pod.uid == uid).filter(|d| !d.terminating) else { continue };
            let action = format!("evict pod {}", present.pod.full_name());
            return Err(ApiError::permanent(action, format!("{message} (the pod is still on the node)")).into());
        }
        Ok(())
    }

    /// Reports each new refusal, with the numbers of the budget behind it. A refusal that no waiting changes ends the drain,
    /// unless the pod is to be deleted or its instance skipped after the timeout.
    async fn note_refusals(&self, pods: &mut [PodToDrain], refused: Vec<(usize, Refusal)>) -> Result<(), EvictError> {
        if refused.is_empty() {
            return Ok(());
        }
        // Without permission to list budgets, the API's message has to do.
        let budgets = self.kubernetes.budgets().await.unwrap_or_default();
        for (i, refusal) in refused {
            let pod = &pods[i].pod;
            let covering = || budgets.iter().filter(|b| b.covers(pod));
            if refusal.several_budgets && self.executor.options.on_drain_timeout == OnDrainTimeout::Fail {
                let budgets = covering().map(|b| b.name.clone()).collect();
                return Err(
                    DrainError::SeveralBudgets { pod: pod.full_name(), message: refusal.message, budgets }.into()
                );
            }
            // A budget that allows evictions by now is not what blocks them.
            let budget = match &refusal.budget {
                Some(name) => covering().find(|b| b.name == *name),
                None => covering().min_by_key(|b| b.allowed),
            };
            let budget = budget.filter(|b| b.allowed <= 0 && !refusal.several_budgets).map(BudgetState::of);
            let blocker = Blocker { pod: pod.full_name(), budget, message: refusal.message, finalizers: Vec::new() };
            self.report(&mut pods[i], blocker);
            pods[i].next = self.executor.deps.clock.now() + RETRY_INTERVAL;
        }
        Ok(())
    }

    /// Reports pods that are still there after their grace period.
    fn report_overdue(&self, pods: &mut [PodToDrain]) {
        let now = self.executor.deps.clock.wall();
        for pod in pods.iter_mut().filter(|pod| pod.is_overdue(now)) {
            let blocker = pod.unstopped();
            self.report(pod, blocker);
        }
    }

    /// Reports what the drain waits for, unless that was the last report about the pod.
    fn report(&self, pod: &mut PodToDrain, blocker: Blocker) {
        if pod.blocker.as_ref() != Some(&blocker) {
            let (group, node) = (self.group(), self.node.to_owned());
            self.emit(Event::Blocked { group, node, blocker: blocker.clone() });
            pod.blocker = Some(blocker);
        }
    }

    /// Removes the pods that are gone; a successor of the same name is another pod.
    async fn refresh(&self, pods: &mut Vec<PodToDrain>) -> Result<(), EvictError> {
        let present = self.kubernetes.pods_on(self.node).await?;
        let mut present: BTreeMap<String, Pod> = present.into_iter().map(|pod| (pod.uid.clone(), pod)).collect();
        pods.retain_mut(|d| {
            let Some(pod) = present.remove(&d.pod.uid) else { return false };
            d.terminating |= pod.terminating;
            d.pod = pod;
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
                    each.ours = true;
                }
                each.terminating = true;
            }
            match self.wait(left, limit).await? {
                None => return Ok(()),
                Some(rest) => left = rest,
            }
        }
        Err(self.executor.timed_out(left))
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
