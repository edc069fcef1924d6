//! Commands of kops that are not supported: each says what to use instead.

use super::{CliError, Invocation};
use kopsform_diagnostics::exit::ExitCode;

/// Accepts any arguments.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub struct UnsupportedArgs {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    rest: Vec<String>,
}

/// A command of kops that is not supported.
#[derive(Debug, Clone, Copy)]
pub struct Unsupported {
    /// The command in kops.
    pub command: &'static str,
    /// Completes the message `kops COMMAND is not supported: …`.
    pub reason: &'static str,
    /// Hints about what to use instead.
    pub instead: &'static [&'static str],
}

/// `gen-cli-docs`.
pub const GEN_CLI_DOCS: Unsupported = Unsupported {
    command: "gen-cli-docs",
    reason: "the reference is part of the documentation",
    instead: &["read docs/cli.md, or any command's --help"],
};
/// `toolbox dump`.
pub const TOOLBOX_DUMP: Unsupported = Unsupported {
    command: "toolbox dump",
    reason: "kopsform does not log in to instances",
    instead: &[
        "specs: kopsform get all -o yaml; instances: kopsform get instances -o json; resources: terraform show -json",
        "pods: kubectl cluster-info dump --all-namespaces",
    ],
};
/// `toolbox enroll`.
pub const TOOLBOX_ENROLL: Unsupported =
    Unsupported { command: "toolbox enroll", reason: "it is for bare metal", instead: &[] };
/// `toolbox addons`.
pub const TOOLBOX_ADDONS: Unsupported = Unsupported {
    command: "toolbox addons",
    reason: "the cluster applies addons itself",
    instead: &[
        "add your channels to spec.addons, or add objects with kopsform create -f",
        "kubectl get configmaps,deployments -A -l app.kubernetes.io/managed-by=kops lists what was applied",
    ],
};
/// `toolbox instance-selector`.
pub const TOOLBOX_INSTANCE_SELECTOR: Unsupported = Unsupported {
    command: "toolbox instance-selector",
    reason: "another tool selects instance types",
    instead: &[
        "list types with AWS' ec2-instance-selector, create a group with kopsform create ig NAME --edit=false, \
         then set spec.machineType and spec.mixedInstancesPolicy.instances",
    ],
};
/// `toolbox clusterapi`.
pub const TOOLBOX_CLUSTERAPI: Unsupported =
    Unsupported { command: "toolbox clusterapi", reason: "it is experimental in kops", instead: &[] };

impl UnsupportedArgs {
    pub(super) async fn run(self, unsupported: Unsupported, _invocation: &Invocation) -> Result<ExitCode, CliError> {
        let error =
            CliError::message(format!("`kops {}` is not supported: {}", unsupported.command, unsupported.reason));
        Err(unsupported.instead.iter().fold(error, |error, hint| error.hint(*hint)))
    }
}
