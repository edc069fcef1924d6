//! `get all`.

use serde_json::Value;

use super::clusters::cluster_table;
use super::instancegroups::{group_table, group_values};
use super::output::{Format, json_documents, to_value, yaml_documents};
use crate::cli::target::Context;
use crate::cli::{CliError, Invocation, table};
use crate::ops::get;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_state::stored_cluster;

/// Show a cluster with its instance groups and additional objects
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct GetAllArgs {
    /// Name of the cluster
    #[arg(value_name = "CLUSTER")]
    pub(super) cluster: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  A cluster and its instance groups, as a file for `kopsform replace`
    kopsform get all demo.example.com -o yaml > cluster.yaml
";

impl GetAllArgs {
    pub(super) async fn run(self, invocation: &Invocation, format: Format) -> Result<ExitCode, CliError> {
        let cluster = invocation.cluster_name(&self.cluster, Context::Allowed)?;
        let all = get::all(&invocation.state_store()?, &cluster).await?;
        if all.groups.is_empty() {
            invocation.ui.note("No instance groups found");
        }
        let text = if format == Format::Table {
            tables(&all)
        } else {
            let mut objects = vec![to_value(&stored_cluster(&all.cluster))?];
            objects.extend(group_values(&all.groups)?);
            objects.extend(all.objects);
            if format == Format::Json { json_documents(&objects, false) } else { yaml_documents(&objects) }
        };
        invocation.ui.data(&text);
        Ok(ExitCode::Done)
    }
}

fn tables(all: &get::All) -> String {
    let mut text = format!(
        "Cluster\n{}\nInstance Groups\n{}",
        cluster_table(std::slice::from_ref(&all.cluster)),
        group_table(&all.cluster, &all.groups)
    );
    if !all.objects.is_empty() {
        let field =
            |object: &Value, path: &str| object.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        let rows = all
            .objects
            .iter()
            .map(|object| [field(object, "/metadata/name"), field(object, "/kind"), field(object, "/spec/version")]);
        text.push_str("\nAddon Objects\n");
        text.push_str(&table::render(["NAME", "KIND", "VERSION"], rows.collect()));
    }
    text
}
