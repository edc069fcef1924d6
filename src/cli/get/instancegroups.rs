//! `get instancegroups`.

use super::output::{Format, json_documents, to_value, yaml_documents};
use crate::cli::target::Context;
use crate::cli::{CliError, Invocation, table};
use crate::ops::get;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup};
use kopsform_state::stored_instance_group;

/// Show instance groups
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct GetInstanceGroupsArgs {
    /// Names of instance groups [default: all]
    #[arg(value_name = "INSTANCE_GROUP")]
    groups: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  All groups of a cluster
    kopsform get ig --name demo.example.com

  The spec of one
    kopsform get ig nodes-1 --name demo.example.com -o yaml
";

impl GetInstanceGroupsArgs {
    pub(super) async fn run(self, invocation: &Invocation, format: Format) -> Result<ExitCode, CliError> {
        let cluster = invocation.cluster_name(&[], Context::Allowed)?;
        let state = invocation.state_store()?;
        let (cluster, groups) = get::instance_groups(&state, &cluster, &self.groups).await?;
        let text = match format {
            Format::Table => group_table(&cluster, &groups),
            Format::Yaml => yaml_documents(&group_values(&groups)?),
            Format::Json => json_documents(&group_values(&groups)?, groups.len() == 1),
        };
        invocation.ui.data(&text);
        Ok(ExitCode::Done)
    }
}

/// Groups in the form in which they are stored.
pub(super) fn group_values(groups: &[InstanceGroup]) -> Result<Vec<serde_json::Value>, CliError> {
    groups.iter().map(|group| to_value(&stored_instance_group(group))).collect()
}

/// A table of groups with their sizes and zones.
pub(super) fn group_table(cluster: &Cluster, groups: &[InstanceGroup]) -> String {
    let size = |size: Option<i32>| size.map_or_else(|| "-".to_owned(), |size| size.to_string());
    let rows = groups.iter().map(|group| {
        [
            group.metadata.name.clone(),
            group.spec.role.map(|role| role.display_name().to_owned()).unwrap_or_default(),
            group.spec.machine_type.clone(),
            size(group.spec.min_size),
            size(group.spec.max_size),
            get::zones_of(cluster, group).join(","),
        ]
    });
    table::render(["NAME", "ROLE", "MACHINETYPE", "MIN", "MAX", "ZONES"], rows.collect())
}
