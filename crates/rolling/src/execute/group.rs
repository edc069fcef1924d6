//! The update of one group, step by step.

use futures::future::{Either, select};
use futures::stream::{FuturesUnordered, StreamExt as _};

use super::instance::Outcome;
use super::{Executor, GroupError, Occasion};
use crate::events::Event;
use crate::journal::JournalStep;
use crate::plan::{Decision, GroupPlan, Limits, MemberState, ReplacementWindow, Step, Target};
use crate::ports::{Answer, ApiError, LAUNCH_PROCESS, Retryability};

impl Executor<'_> {
    /// Performs a group's steps; returns how many instances were replaced.
    pub(super) async fn run_group(&self, group: &GroupPlan) -> Result<usize, GroupError> {
        if self.deps.kubernetes.is_some() {
            Self::check_launches(group)?;
        }
        let mut replaced = 0;
        let mut surge = Surge::default();
        for step in &group.steps {
            self.checkpoint()?;
            match step {
                Step::Validate => self.validate(group, Occasion::Start).await?,
                Step::Taint { targets } => self.taint(group, targets).await?,
                Step::TerminateWarm { targets } => {
                    for target in targets {
                        let (group_name, instance) = (group.group.clone(), target.instance.clone());
                        self.emit(Event::TerminatingWarm { group: group_name, instance });
                        self.terminate(group, target).await?;
                        replaced += 1;
                    }
                }
                Step::Surge { count, candidates, prove_first } => {
                    surge = self.surge(group, *count, candidates, *prove_first).await?;
                }
                Step::Replace { targets, at_once, max_unavailable, first_alone } => {
                    let limits = Limits {
                        at_once: *at_once,
                        max_unavailable: *max_unavailable,
                        first_alone: *first_alone || surge.unproven,
                    };
                    replaced += self.replace_all(group, &surge.last(targets), limits, surge.failure.as_ref()).await?;
                }
                Step::Leave => self.emit(Event::NotTerminated { group: group.group.clone() }),
            }
        }
        Ok(replaced)
    }

    /// Refuses to touch a group that starts no replacements. `--cloudonly` gives up instances without looking for their
    /// replacements, so it is not held up.
    pub(super) fn check_launches(group: &GroupPlan) -> Result<(), GroupError> {
        if group.starts_nothing() {
            let (cloud_name, process) = (group.cloud_name.clone(), LAUNCH_PROCESS.to_owned());
            return Err(GroupError::Suspended { cloud_name, process });
        }
        Ok(())
    }

    /// Detaches `count` instances; if one cannot be detached, the next candidate is tried, unless access is denied.
    async fn surge<'t>(
        &self,
        group: &GroupPlan,
        count: usize,
        candidates: &'t [Target],
        prove_first: bool,
    ) -> Result<Surge<'t>, GroupError> {
        let mut detached = Vec::new();
        let mut failure = None;
        let mut unproven = prove_first;
        let mut candidates = candidates.iter();
        while detached.len() < count {
            self.checkpoint()?;
            let Some(target) = candidates.next() else { break };
            if let Err(error) = self.detach(group, target).await? {
                if error.retryability == Retryability::Unauthenticated {
                    return Err(GroupError::Detach { instance: target.instance.clone(), source: error });
                }
                let (group, instance) = (group.group.clone(), target.instance.clone());
                self.emit(Event::DetachFailed { group, instance, message: error.to_string() });
                let denied = error.is_denied();
                failure = Some(error);
                if denied {
                    break;
                }
                continue;
            }
            detached.push(target.instance.as_str());
            if detached.len() == count || unproven {
                self.settle_detached(group).await?;
                unproven = false;
            }
        }
        if !detached.is_empty() && detached.len() < count {
            self.settle_detached(group).await?;
        }
        Ok(Surge { unproven, detached, failure })
    }

    /// Waits for the replacements of detached instances.
    async fn settle_detached(&self, group: &GroupPlan) -> Result<(), GroupError> {
        let interval = self.interval(group.role);
        if !interval.is_zero() {
            let (name, seconds) = (group.group.clone(), interval.as_secs_f64());
            self.emit(Event::Waiting { group: name, seconds, why: "after detaching the instance" });
        }
        self.pause(interval).await?;
        self.validate(group, Occasion::Detached).await
    }

    /// Marks an instance and detaches it from its group. The mark comes first: a later run finds the instance by it.
    pub(super) async fn detach(&self, group: &GroupPlan, target: &Target) -> Result<Result<(), ApiError>, GroupError> {
        let id = &target.instance;
        self.emit(Event::Detaching { group: group.group.clone(), instance: id.clone(), node: target.node.clone() });
        let instance = [(id.as_str(), target.node.as_deref())];
        self.note(group, &instance, JournalStep::Detaching, |_| {}).await?;
        let outcome = async {
            self.deps.cloud.mark_detached(id, &group.cloud_name).await?;
            self.deps.cloud.detach(id, &group.cloud_name).await
        };
        if let Err(error) = outcome.await {
            return Ok(Err(error));
        }
        self.note(group, &instance, JournalStep::Detached, |record| record.detached = true).await?;
        Ok(Ok(()))
    }

    /// Replaces instances as slots get free. After an error none is started any more, and those that run are awaited.
    async fn replace_all(
        &self,
        group: &GroupPlan,
        targets: &[(Target, MemberState)],
        limits: Limits,
        not_detached: Option<&ApiError>,
    ) -> Result<usize, GroupError> {
        let mut window = ReplacementWindow::new(targets.iter().map(|(_, state)| *state).collect(), limits);
        let mut running = FuturesUnordered::new();
        let mut tally = Tally::default();
        loop {
            match window.advance() {
                Decision::Start(index) => {
                    let (target, _) = &targets[index];
                    running.push(async move { (index, target, self.replace(group, target).await) });
                }
                Decision::Wait => {
                    let Some((index, target, outcome)) = running.next().await else { break };
                    window.ended(index, matches!(outcome, Ok(Outcome::Replaced)));
                    tally.add(target, outcome);
                }
                Decision::Validate => {
                    let mut validation = Box::pin(self.validate(group, Occasion::Terminated));
                    let outcome = loop {
                        if running.is_empty() {
                            break validation.await;
                        }
                        match select(validation, running.next()).await {
                            Either::Left((outcome, _)) => break outcome,
                            Either::Right((ended, rest)) => {
                                validation = rest;
                                if let Some((index, target, outcome)) = ended {
                                    window.ended(index, matches!(outcome, Ok(Outcome::Replaced)));
                                    tally.add(target, outcome);
                                }
                            }
                        }
                    };
                    tally.fail_with(outcome.err());
                    window.validated();
                    if tally.error.is_none() {
                        tally.fail_with(self.ask_to_continue(tally.last).await.err());
                    }
                }
                Decision::Done => break,
                Decision::Stuck => tally.fail_with(Some(GroupError::NoSurge { last: not_detached.cloned() })),
            }
            if tally.error.is_some() {
                break;
            }
        }
        while let Some((_, target, outcome)) = running.next().await {
            tally.add(target, outcome);
        }
        match tally {
            Tally { error: Some(error), .. } => Err(error),
            Tally { skipped, .. } if !skipped.is_empty() => Err(GroupError::Skipped { instances: skipped }),
            Tally { replaced, .. } => Ok(replaced),
        }
    }

    async fn ask_to_continue(&self, last: Option<&Target>) -> Result<(), GroupError> {
        if !self.options.interactive || self.with_progress(|p| p.always) {
            return Ok(());
        }
        let Some(target) = last else { return Ok(()) };
        match self.deps.prompter.ask(&target.instance, target.node.as_deref()).await {
            Answer::Yes => Ok(()),
            Answer::Always => {
                self.with_progress(|p| p.always = true);
                Ok(())
            }
            Answer::No => {
                self.stop.cancel();
                Err(GroupError::Stopped)
            }
        }
    }
}

/// The outcome of a surge.
#[derive(Default)]
struct Surge<'t> {
    /// The ids of the instances that were detached.
    detached: Vec<&'t str>,
    /// Why the last instance that could not be detached could not.
    failure: Option<ApiError>,
    /// Nothing was detached, so whether the group's new instances work is still unknown.
    unproven: bool,
}

impl Surge<'_> {
    /// The targets with detached instances last: they compensate for the others until then.
    fn last(&self, targets: &[Target]) -> Vec<(Target, MemberState)> {
        let state = |target: &Target| MemberState {
            detached: target.detached || self.detached.contains(&target.instance.as_str()),
            serving: !target.idle,
        };
        let known = targets.iter().map(|target| (target.clone(), state(target)));
        let (out, members): (Vec<_>, Vec<_>) = known.partition(|(_, state)| state.detached);
        members.into_iter().chain(out).collect()
    }
}

/// The outcomes of a group's replacements.
#[derive(Default)]
struct Tally<'a> {
    replaced: usize,
    skipped: Vec<String>,
    last: Option<&'a Target>,
    error: Option<GroupError>,
}

impl<'a> Tally<'a> {
    fn add(&mut self, target: &'a Target, outcome: Result<Outcome, GroupError>) {
        self.last = Some(target);
        match outcome {
            Ok(Outcome::Replaced) => self.replaced += 1,
            Ok(Outcome::Skipped) => self.skipped.push(target.instance.clone()),
            Err(error) => self.fail_with(Some(error)),
        }
    }

    /// Keeps the first error; an error replaces a stop, which it caused.
    fn fail_with(&mut self, error: Option<GroupError>) {
        if self.error.is_none() || matches!(self.error, Some(GroupError::Stopped)) {
            self.error = error.or(self.error.take());
        }
    }
}
