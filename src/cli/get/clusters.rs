//! `get clusters`.

use std::collections::BTreeSet;

use super::output::{Format, json_documents, to_value, yaml_documents};
use crate::cli::{CliError, Invocation, table};
use crate::ops::get;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_spec::v1alpha2::Cluster;
use kopsform_state::stored_cluster;

/// Show clusters
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct GetClustersArgs {
    /// Names of clusters [default: all]
    #[arg(value_name = "CLUSTER")]
    clusters: Vec<String>,
    /// Include all defaults, as completed by the last applied update
    #[arg(long)]
    full: bool,
}

const EXAMPLES: &str = "\
Examples:
  All clusters in the state store
    kopsform get clusters

  The spec of one
    kopsform get cluster demo.example.com -o yaml

  Its name servers and all other defaults
    kopsform get cluster demo.example.com --full -o yaml
";

/// Printed before completed specs. kops prints such a comment too, and scripts skip it.
const FULL_WARNING: &str = "
//
//   WARNING: do not use a --full specification as input. It contains all defaults of this
//   release, which would no longer change with a newer release. To edit or replace a cluster,
//   use the specification without defaults:
//   $ kopsform get cluster -o yaml
//

";

impl GetClustersArgs {
    pub(super) async fn run(self, invocation: &Invocation, format: Format) -> Result<ExitCode, CliError> {
        let named = invocation.named_cluster();
        if named.is_some() && !self.clusters.is_empty() {
            return Err(CliError::message("cannot mix --name for cluster with positional arguments"));
        }
        let names: Vec<String> = if self.clusters.is_empty() { named.into_iter().collect() } else { self.clusters };
        let state = invocation.state_store()?;
        let mut found = get::clusters(&state, &names).await?;
        for warning in &found.warnings {
            invocation.ui.warn(warning);
        }
        if self.full {
            found.clusters = get::full_specs(&state, &found.clusters).await?;
            invocation.ui.text(FULL_WARNING);
        }
        let text = match format {
            Format::Table => cluster_table(&found.clusters),
            Format::Yaml => yaml_documents(&values(&found.clusters)?),
            Format::Json => json_documents(&values(&found.clusters)?, names.len() == 1),
        };
        invocation.ui.data(&text);
        Ok(ExitCode::Done)
    }
}

fn values(clusters: &[Cluster]) -> Result<Vec<serde_json::Value>, CliError> {
    clusters.iter().map(|cluster| to_value(&stored_cluster(cluster))).collect()
}

/// Clusters with the zones of their subnets.
pub(super) fn cluster_table(clusters: &[Cluster]) -> String {
    let rows = clusters.iter().map(|cluster| {
        let zones: BTreeSet<&str> =
            cluster.spec.subnets.iter().map(|subnet| subnet.zone.as_str()).filter(|zone| !zone.is_empty()).collect();
        let zones: Vec<&str> = zones.into_iter().collect();
        [cluster.metadata.name.clone(), cluster.spec.cloud_provider.clone(), zones.join(",")]
    });
    table::render(["NAME", "CLOUD", "ZONES"], rows.collect())
}
