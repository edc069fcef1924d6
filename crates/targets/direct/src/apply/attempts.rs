//! Trying again: for how long, and what to look at first.

use std::time::Duration;

use kopsform_rolling::ports::{ApiError, Retryability};

use super::{Driver, Event};
use crate::diff::{Action, Change, differences};
use crate::found::Object;
use crate::ids::{Attributes, Ids};
use crate::ports::{CloudError, Operation};
use crate::task::Task;

/// The first pause before something is tried again. It doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// How often something may be reported to exist without being found, before it counts as something of others.
const MAX_HIDDEN: usize = 4;

/// How long one change has been tried.
pub(super) struct Attempts<'d, 'a> {
    driver: &'d Driver<'a>,
    what: String,
    start: Duration,
    pause: Duration,
}

impl<'d, 'a> Attempts<'d, 'a> {
    pub fn of(driver: &'d Driver<'a>, what: String) -> Self {
        let start = driver.clock.now();
        Self { driver, what, start, pause: FIRST_PAUSE }
    }

    /// Waits before the next attempt.
    ///
    /// # Errors
    /// The error of the last attempt, if there is to be no other: trying again cannot help, the deadline has passed, or the
    /// update is stopped.
    pub async fn pause_after(&mut self, error: CloudError) -> Result<(), ApiError> {
        let error = match error {
            CloudError::Failed(error) if error.retryability != Retryability::Transient => return Err(error),
            other => other.into_error(),
        };
        let (clock, options) = (self.driver.clock, self.driver.options);
        let is_over = clock.now().saturating_sub(self.start) + self.pause > options.deadline;
        if is_over || options.stop.reason().is_some() {
            return Err(error);
        }
        (self.driver.observe)(Event::Retried { what: &self.what, error: &error, pause: self.pause });
        let stopped = std::pin::pin!(options.stop.requested());
        if let futures::future::Either::Right(_) = futures::future::select(clock.sleep(self.pause), stopped).await {
            return Err(error);
        }
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        Ok(())
    }
}

impl Driver<'_> {
    /// Makes a change, however often that takes.
    ///
    /// A request that failed may have been carried out all the same: its answer was lost, or only a later part of the change
    /// failed. So before another attempt, the object is looked for, and only what is still different is changed. Nothing is
    /// created twice.
    pub(super) async fn change(&self, change: &Change, ids: &Ids) -> Result<Attributes, ApiError> {
        let task = &change.task;
        let mut attempts = Attempts::of(self, task.id.to_string());
        if change.action == Action::Delete {
            return self.delete(change, ids, &mut attempts).await;
        }
        let mut object = self.plan.objects.get(&task.id).cloned();
        let mut fields: Vec<&'static str> =
            change.fields.iter().filter(|field| !field.deferred).map(|field| field.name).collect();
        let mut hidden = 0;
        loop {
            let operation = Operation { task, found: object.as_ref(), fields: fields.clone(), ids };
            let outcome = match &object {
                None => self.cloud.create(&operation).await,
                Some(_) => self.cloud.update(&operation).await,
            };
            let mut error = match outcome {
                Ok(attributes) => return Ok(with(object, attributes)),
                Err(CloudError::Exists(error)) if hidden >= MAX_HIDDEN => return Err(error),
                Err(error) => error,
            };
            let mut is_taken = matches!(error, CloudError::Exists(_));
            // Looking may fail as well.
            loop {
                attempts.pause_after(error).await?;
                match self.look_for(task).await {
                    Ok(found) => {
                        object = found;
                        break;
                    }
                    Err(failure) => error = CloudError::Failed(failure),
                }
            }
            is_taken &= object.is_none();
            hidden = if is_taken { hidden + 1 } else { 0 };
            match &object {
                None => fields = task.fields.iter().map(|field| field.name).collect(),
                Some(found) => {
                    let (changes, refusals) = differences(task, found, ids);
                    if let Some(refusal) = refusals.first() {
                        return Err(ApiError::permanent(task.id.to_string(), refusal.to_string()));
                    }
                    fields = changes.iter().filter(|field| !field.deferred).map(|field| field.name).collect();
                    if fields.is_empty() {
                        return Ok(found.attributes.clone());
                    }
                }
            }
        }
    }

    /// What exists for a task by now. It is found as at first, with the tasks that it needs: some objects are found through them.
    async fn look_for(&self, task: &Task) -> Result<Option<Object>, ApiError> {
        if task.id.kind.is_file() {
            // Files are written on the condition that they are as they were found.
            return Ok(self.plan.objects.get(&task.id).cloned());
        }
        let wanted = self.plan.tasks.iter().filter(|other| other.id == task.id || task.needs.contains(&other.id));
        let wanted: Vec<Task> = wanted.cloned().collect();
        let mut found = self.cloud.find(&wanted).await?;
        Ok(found.objects.remove(&task.id))
    }

    async fn delete(
        &self,
        change: &Change,
        ids: &Ids,
        attempts: &mut Attempts<'_, '_>,
    ) -> Result<Attributes, ApiError> {
        let found = self.plan.objects.get(&change.task.id);
        let operation = Operation { task: &change.task, found, fields: Vec::new(), ids };
        loop {
            match self.cloud.delete(&operation).await {
                Ok(()) | Err(CloudError::Missing(_)) => return Ok(Attributes::new()),
                Err(error) => attempts.pause_after(error).await?,
            }
        }
    }
}

/// The attributes of an object, with those that a change made known.
fn with(object: Option<Object>, attributes: Attributes) -> Attributes {
    let mut all = object.map(|object| object.attributes).unwrap_or_default();
    all.extend(attributes);
    all
}
