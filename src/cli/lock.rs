//! `lock`.

use std::path::PathBuf;

use super::output::OutputArgs;
use super::target::Context;
use super::{CliError, Invocation, progress};
use crate::ops;
use crate::ops::support::facts::{FactFinder, LookupOptions};
use kopsform_diagnostics::exit::ExitCode;

/// Write a lock file with the facts that an update looks up
///
/// Writes the images, instance types, zones, VPCs, subnets, hosted zones, buckets and download hashes that the cluster in the
/// state store refers to. With this file, `update cluster --offline` needs no network and writes the same files at any time on
/// any machine.
///
/// With --offline, records only facts that are built in: instance types, zones and the hashes of released files. Lists the facts that
/// only the cloud has, and exits with 2 if there are any.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct LockArgs {
    /// Name of the cluster
    #[arg(value_name = "CLUSTER")]
    cluster: Option<String>,
    /// Lock file [env: KOPSFORM_LOCK] [default: the project's, else kopsform.lock]
    #[arg(long, value_name = "FILE")]
    lock: Option<PathBuf>,
    /// Also refresh facts that are already recorded
    #[arg(long, conflicts_with = "offline")]
    refresh: bool,
    #[command(flatten)]
    output: OutputArgs,
    /// Look up nothing: record what is built in
    #[arg(long)]
    offline: bool,
}

const EXAMPLES: &str = "\
Examples:
  Record facts, so that updates need no network
    kopsform lock demo.example.com
    kopsform update cluster demo.example.com --target terraform --out . --offline

  Look up newer images and hashes
    kopsform lock demo.example.com --refresh
";

impl LockArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let name = invocation.cluster_name(self.cluster.as_slice(), Context::Allowed)?;
        let state = invocation.state_store()?;
        let environment = &invocation.environment;
        let path = invocation.lock_to_write(self.lock.as_ref())?;
        let known = (!self.refresh && path.exists()).then(|| path.clone());
        let mut finder = FactFinder::open(&LookupOptions { lock: known, offline: self.offline }, environment)?;
        progress::phase("looking up facts");
        let plan = ops::lock::plan(&state, &name, &path, &mut finder, environment).await?;
        plan.warning.iter().for_each(|warning| invocation.ui.warn(warning));
        let (changed, verb) = (plan.changed, if plan.changed { "wrote" } else { "unchanged:" });
        let missing = plan.missing.clone();
        plan.apply()?;
        invocation.ui.note(&format!("{verb} {}", path.display()));
        let text: String = missing.iter().map(|fact| format!("missing: {fact}\n")).collect();
        let document = serde_json::json!({
            "cluster": name, "file": path.display().to_string(), "changed": changed, "missing": missing,
        });
        self.output.report(&invocation.ui, &text, &document)?;
        if missing.is_empty() {
            return Ok(ExitCode::Done);
        }
        invocation.ui.note("hint: run `kopsform lock` where AWS can be reached to record what is missing");
        Ok(ExitCode::ChangeNeeded)
    }
}
