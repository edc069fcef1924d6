//! `create instancegroup`.

use crate::cli::edit::ProcessEditor;
use crate::cli::flags::LookupArgs;
use crate::cli::get::output::{json_documents, yaml_documents};
use crate::cli::target::Context;
use crate::cli::{CliError, Invocation};
use crate::ops::create_instance_group::{Wanted, design};
use crate::ops::support::facts::FactFinder;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_rolling::selection::parse_role;

/// Create an instance group
///
/// Creates a group with the defaults of its role and opens it in the editor (KUBE_EDITOR or EDITOR) before it is stored.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct CreateInstanceGroupArgs {
    /// Name of the instance group
    #[arg(value_name = "INSTANCE_GROUP")]
    group: Vec<String>,
    /// Role of its instances: control-plane, node or bastion
    #[arg(long, default_value = "node")]
    role: String,
    /// Subnets of the group [default: those for its role]
    #[arg(long, value_name = "SUBNET", value_delimiter = ',')]
    subnet: Vec<String>,
    /// Zones of the group, for subnets that span several; required on Google Cloud
    #[arg(long, value_name = "ZONE", value_delimiter = ',')]
    zone: Vec<String>,
    /// Print the group instead of storing it
    #[arg(long)]
    dry_run: bool,
    /// Output format of --dry-run
    #[arg(short, long, value_name = "yaml|json")]
    output: Option<String>,
    /// Open it in the editor first; --edit=false stores it without editing
    #[arg(long, default_value_t = true, action = clap::ArgAction::SetTrue)]
    edit: bool,
    #[command(flatten)]
    lookup: LookupArgs,
}

const EXAMPLES: &str = "\
Examples:
  A group of workers in one subnet, edited before it is stored
    kopsform create ig --name demo.example.com nodes-spot --subnet eu-west-1a

  The same group as a file
    kopsform create ig --name demo.example.com nodes-spot --subnet eu-west-1a --dry-run -o yaml > nodes-spot.yaml
";

impl CreateInstanceGroupArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let name = match self.group.as_slice() {
            [name] => name.clone(),
            [] => return Err(CliError::message("must specify name of instance group to create")),
            _ => return Err(CliError::message("can only create one instance group at a time")),
        };
        let json = match (self.dry_run, self.output.as_deref().unwrap_or_default()) {
            (false, _) | (true, "yaml") => false,
            (true, "json") => true,
            (true, "") => return Err(CliError::message("must set output flag; yaml or json").hint("add -o yaml")),
            (true, other) => {
                return Err(CliError::message(format!("unsupported output type {other:?}")).hint("use yaml or json"));
            }
        };
        let wanted = Wanted {
            cluster: invocation.cluster_name(&[], Context::Allowed)?,
            name,
            role: parse_role(&self.role)?,
            subnets: self.subnet,
            zones: self.zone,
        };
        let (state, environment) = (invocation.state_store()?, &invocation.environment);
        let mut facts = FactFinder::open(&invocation.lookup(&self.lookup)?, environment)?;
        let mut new = design(&state, &wanted, &mut facts, environment).await?;
        for warning in &new.warnings {
            invocation.ui.warn(warning);
        }
        if self.dry_run {
            let object = serde_json::to_value(&new.group).map_err(|error| CliError::message(error.to_string()))?;
            let objects = [object];
            invocation.ui.data(&if json { json_documents(&objects, true) } else { yaml_documents(&objects) });
            return Ok(ExitCode::Done);
        }
        if self.edit {
            new.edit(&ProcessEditor::from_environment(environment), environment).await?;
        }
        new.store(&state, jiff::Timestamp::now(), &invocation.holder("create instancegroup")).await?;
        Ok(ExitCode::Done)
    }
}
