//! The replacement of a single instance, as `delete instance` does it.

use super::{Executor, GroupError, Occasion, RollError};
use crate::events::Event;
use crate::plan::{GroupPlan, Step};

impl Executor<'_> {
    /// Performs the plan for one instance: detaches it and waits for its replacement, then drains and terminates it.
    /// The cluster is not validated after that.
    pub async fn run_one(&self, plan: &GroupPlan) -> Result<(), RollError> {
        self.with_progress(|p| p.total = plan.instance_count());
        let outcome = self.steps_of_one(plan).await;
        match outcome {
            Ok(()) => return Ok(()),
            Err(GroupError::Stopped) => {}
            Err(error) => {
                self.report_residue().await;
                return Err(RollError::Ended { group: plan.group.clone(), source: Box::new(error) });
            }
        }
        self.report_residue().await;
        Err(RollError::Stopped)
    }

    async fn steps_of_one(&self, plan: &GroupPlan) -> Result<(), GroupError> {
        for step in &plan.steps {
            match step {
                Step::Surge { candidates, .. } => {
                    if !candidates.is_empty() {
                        Self::check_launches(plan)?;
                    }
                    for target in candidates {
                        if let Err(source) = self.detach(plan, target).await? {
                            let instance = target.instance.clone();
                            return Err(GroupError::Detach { instance, source });
                        }
                    }
                    self.validate(plan, Occasion::Detached).await?;
                }
                Step::Replace { targets, .. } => {
                    for target in targets {
                        self.replace(plan, target).await?;
                    }
                }
                Step::Validate | Step::Taint { .. } | Step::TerminateWarm { .. } | Step::Leave => {}
            }
        }
        self.emit(Event::GroupDone { group: plan.group.clone(), replaced: plan.instance_count() });
        Ok(())
    }
}
