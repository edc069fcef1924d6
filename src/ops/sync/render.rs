//! The Terraform files of a project, in memory: everything that a sync does before its first write.

use super::{Event, Run, Secrets, Sync, SyncError};
use crate::ops::lock::LockPlan;
use crate::ops::sshkeys;
use crate::ops::support::facts::FactFinder;
use kopsform_pki::Keysets;
use kopsform_terraform::Output;

use super::Step;

/// The result of a sync that writes nothing.
pub struct Rendered {
    /// The cluster's name.
    pub cluster: String,
    /// The rendered spec.
    pub spec: String,
    /// The files.
    pub output: Output,
    /// The same as templates, where these are the project's target.
    pub templates: Option<kopsform_cloudformation::Output>,
    /// The cluster's keysets, those included that it lacks and that were made in memory.
    pub keysets: Keysets,
    /// The facts to record, unless the sync is offline.
    pub lock: Option<LockPlan>,
}

/// Performs all steps of a sync up to the first write.
///
/// # Errors
/// As for [`run`](super::run).
pub async fn render(sync: &Sync<'_>, report: &mut (dyn FnMut(Event) + Send)) -> Result<Rendered, SyncError> {
    let mut run = Run { sync, report, steps: Vec::new(), secrets: Secrets::default() };
    let spec = run.spec().await?;
    let cluster = run.cluster(&spec)?;
    let plan = run.plan(&spec).await?;
    let preview = sync.state.preview(plan.iter().flat_map(|plan| &plan.objects).map(|planned| planned.write.planned()));
    let key = run.ssh_key(&preview, &cluster).await?;
    let added = match &key {
        Some(key) => {
            Some(sshkeys::plan(&preview, &cluster, key).await.map_err(run.failed(Step::SshKey))?.write.planned())
        }
        None => None,
    };
    let all = plan.iter().flat_map(|plan| &plan.objects).map(|planned| planned.write.planned()).chain(added);
    let preview = sync.state.preview(all);
    let mut finder = FactFinder::open(&run.lookup(), sync.environment).map_err(run.failed(Step::Lock))?;
    let lock = run.plan_lock(&preview, &cluster, &mut finder).await?;
    let options = run.update_options(&cluster).await;
    let update = run.plan_output(&preview, &cluster, &options, finder).await?;
    let (output, templates, keysets) = match update {
        Some(update) => update.into_parts(),
        None => (Output::default(), None, Keysets::default()),
    };
    Ok(Rendered { cluster, spec: spec.file.content, output, templates, keysets, lock })
}
