//! `sync --check`: what the steps would write.

use super::output::PlannedOutput;
use super::spec::Spec;
use super::steps::Step;
use super::{LockPlan, ReplacePlan, Run, SyncError};
use crate::ops::sshkeys::KeyToAdd;
use crate::ops::support::differences::Difference;
use crate::project::resolve;
use kopsform_files::{TEXT_LIMIT, read_bounded};
use kopsform_state::StateStore;
use kopsform_terraform::Change;

/// What the steps would do.
pub(super) struct Plans<'p, 'o> {
    pub spec: &'p Spec,
    pub store: Option<&'p ReplacePlan>,
    pub ssh_key: Option<&'p KeyToAdd>,
    pub lock: Option<&'p LockPlan>,
    pub output: Option<&'p PlannedOutput<'o>>,
}

impl Run<'_, '_> {
    /// What is not as the steps would write it, in their order. Nothing is written.
    pub(super) async fn differences(
        &mut self,
        preview: &StateStore,
        plans: Plans<'_, '_>,
    ) -> Result<Vec<Difference>, SyncError> {
        let mut found: Vec<Difference> = self.rendered_difference(plans.spec).into_iter().collect();
        let objects = plans.store.iter().flat_map(|plan| &plan.objects).map(|planned| &planned.write);
        let writes = objects.chain(plans.ssh_key.map(|key| &key.write));
        found.extend(writes.filter_map(Difference::of_write));
        if let (Some(_), Some(path)) = (plans.lock.filter(|plan| plan.changed), self.lock_file()) {
            let change = if path.exists() { Change::Changed } else { Change::New };
            found.push(Difference::new(path.display().to_string(), change));
        }
        if let Some(plan) = plans.output {
            found.extend(plan.differences(preview).await.map_err(self.failed(self.output_step()))?);
        }
        Ok(found)
    }

    fn rendered_difference(&self, spec: &Spec) -> Option<Difference> {
        let rendered = &self.sync.project.rendered;
        if rendered.is_empty() || self.skips(Step::Template) {
            return None;
        }
        let path = resolve(&self.sync.dir, rendered);
        let change = match read_bounded(&path, TEXT_LIMIT) {
            Ok(content) if content == spec.file.content.as_bytes() => return None,
            _ if path.exists() => Change::Changed,
            _ => Change::New,
        };
        Some(Difference::new(path.display().to_string(), change))
    }
}
