//! `schema`.

use super::{CliError, Invocation};
use crate::project;
use kopsform_diagnostics::exit::ExitCode;

/// Print the JSON schema of a kind of object
///
/// Editors with the YAML language server use it if a file starts with the comment
/// `# yaml-language-server: $schema=FILE`
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct SchemaArgs {
    /// The kind: `spec` is for files with several kinds, `project` for kopsform.yaml
    #[arg(value_enum)]
    kind: Kind,
}

const EXAMPLES: &str = "\
Examples:
  Completion and errors for specs in the editor
    kopsform schema spec > spec.schema.json
";

/// A kind of object.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
#[value(rename_all = "lower")]
enum Kind {
    Cluster,
    InstanceGroup,
    Keyset,
    SshCredential,
    Spec,
    Project,
}

impl SchemaArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let file = match self.kind {
            Kind::Cluster => "cluster.json",
            Kind::InstanceGroup => "instancegroup.json",
            Kind::Keyset => "keyset.json",
            Kind::SshCredential => "sshcredential.json",
            Kind::Spec => "spec.json",
            Kind::Project => "project.json",
        };
        if let Some(published) = project::schemas().find(|p| p.file == file) {
            invocation.ui.data(&published.text());
        }
        Ok(ExitCode::Done)
    }
}
