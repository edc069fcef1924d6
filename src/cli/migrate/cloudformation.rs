//! `migrate cloudformation`.

use std::path::PathBuf;

use crate::cli::flags::LookupArgs;
use crate::cli::output::OutputArgs;
use crate::cli::target::Context;
use crate::cli::{CliError, Invocation};
use crate::ops::migrate_cloudformation;
use crate::ops::update_cluster::UpdateOptions;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_files::{Mode, create_directories};

/// The template of an import.
const TEMPLATE_FILE: &str = "import.yaml";
/// The file of `--resources-to-import`.
const RESOURCES_FILE: &str = "resources-to-import.json";

/// Write the files that import a running cluster into a CloudFormation stack
///
/// Finds the cluster's resources in AWS, and writes a template of those that CloudFormation can import and a file that maps logical IDs
/// to resources. It changes nothing in AWS: `aws cloudformation create-change-set` with `--change-set-type IMPORT` does that, and an
/// update of the stack with the whole template then adds the rest.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct CloudFormationArgs {
    /// Name of the cluster
    #[arg(value_name = "CLUSTER")]
    cluster: Option<String>,
    /// Output directory
    #[arg(long, value_name = "DIR", default_value = "out/import")]
    out: PathBuf,
    #[command(flatten)]
    lookup: LookupArgs,
    #[command(flatten)]
    output: OutputArgs,
}

const EXAMPLES: &str = "\
Examples:
  Import a cluster that another target created
    kopsform migrate cloudformation demo.example.com --out out/import
    aws cloudformation create-change-set --stack-name demo --change-set-name import --change-set-type IMPORT \\
      --template-body file://out/import/import.yaml --capabilities CAPABILITY_NAMED_IAM \\
      --resources-to-import file://out/import/resources-to-import.json
    aws cloudformation execute-change-set --stack-name demo --change-set-name import
";

impl CloudFormationArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let name = invocation.cluster_name(self.cluster.as_slice(), Context::Allowed)?;
        let state = invocation.state_store()?;
        let options = UpdateOptions::new(self.out.clone(), invocation.lookup(&self.lookup)?);
        let mut warn = |warning: String| invocation.ui.warn(&warning);
        let deps = invocation.update_deps(&options.lookup, &mut warn)?;
        let preview = state.preview(std::iter::empty());
        let import = migrate_cloudformation::run(&preview, &name, &options, deps).await?;
        if import.count == 0 {
            return Err(CliError::message(format!("no resource of {name} was found in AWS"))
                .hint("deploy the whole template: kopsform update cluster --target cloudformation"));
        }
        create_directories(&self.out)
            .map_err(|error| CliError::message(format!("cannot create {}: {error}", self.out.display())))?;
        for (file, content) in [(TEMPLATE_FILE, &import.template), (RESOURCES_FILE, &import.resources)] {
            let path = self.out.join(file);
            kopsform_files::replace(&path, content.as_bytes(), Mode::Keep(0o644))
                .map_err(|error| CliError::message(format!("cannot write {}: {error}", path.display())))?;
        }
        for (id, reason) in &import.left_out {
            invocation.ui.note(&format!("{id} is not imported: {reason}"));
        }
        invocation.ui.note(&format!("wrote {} resources to import to {}", import.count, self.out.display()));
        let left_out: Vec<_> = import
            .left_out
            .iter()
            .map(|(id, reason)| serde_json::json!({ "resource": id.to_string(), "reason": reason.to_string() }))
            .collect();
        let document = serde_json::json!({
            "cluster": name, "out": self.out.display().to_string(), "imported": import.count, "notImported": left_out,
        });
        self.output.report(&invocation.ui, "", &document)?;
        Ok(ExitCode::Done)
    }
}
