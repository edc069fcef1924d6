//! Commands of kops that are not here: each says what to use instead.

use super::{CliError, Invocation};
use kopsform_diagnostics::exit::ExitCode;

/// Whatever was typed after such a command.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub struct UnsupportedArgs {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    rest: Vec<String>,
}

/// A command of kops that is not here.
#[derive(Debug, Clone, Copy)]
pub struct Absent {
    /// Its name, as kops has it.
    pub command: &'static str,
    /// Why it is not here: the end of the sentence `kops COMMAND is not here: …`.
    pub reason: &'static str,
    /// What to use instead, one line each.
    pub instead: &'static [&'static str],
}

/// `reconcile cluster`.
pub const RECONCILE: Absent = Absent {
    command: "reconcile",
    reason: "Terraform applies changes, not this program",
    instead: &["the same in steps: kopsform update cluster --target terraform --out ., terraform apply, \
         kopsform rolling-update cluster --instance-group-roles control-plane,apiserver --yes, \
         kopsform update cluster --target terraform --out ., terraform apply, kopsform rolling-update cluster --yes"],
};
/// `gen-cli-docs`.
pub const GEN_CLI_DOCS: Absent = Absent {
    command: "gen-cli-docs",
    reason: "its output is part of the documentation",
    instead: &["read docs/cli.md, or any command's --help"],
};
/// `toolbox dump`.
pub const TOOLBOX_DUMP: Absent = Absent {
    command: "toolbox dump",
    reason: "nothing here logs in to instances",
    instead: &[
        "specs: kopsform get all -o yaml; instances: kopsform get instances -o json; resources: terraform show -json",
        "what pods say: kubectl cluster-info dump --all-namespaces",
    ],
};
/// `toolbox enroll`.
pub const TOOLBOX_ENROLL: Absent =
    Absent { command: "toolbox enroll", reason: "it is for bare metal, and this program is for AWS", instead: &[] };
/// `toolbox addons`.
pub const TOOLBOX_ADDONS: Absent = Absent {
    command: "toolbox addons",
    reason: "addons are applied by the cluster itself",
    instead: &[
        "name channels of your own in spec.addons, or add objects with kopsform create -f",
        "kubectl get configmaps,deployments -A -l app.kubernetes.io/managed-by=kops lists what was applied",
    ],
};
/// `toolbox instance-selector`.
pub const TOOLBOX_INSTANCE_SELECTOR: Absent = Absent {
    command: "toolbox instance-selector",
    reason: "instance types are chosen elsewhere",
    instead: &[
        "list types with AWS' own ec2-instance-selector and give them to a group: kopsform create ig NAME --edit=false, \
         then spec.machineType and spec.mixedInstancesPolicy.instances",
    ],
};
/// `toolbox clusterapi`.
pub const TOOLBOX_CLUSTERAPI: Absent =
    Absent { command: "toolbox clusterapi", reason: "it is an experiment of kops", instead: &[] };

impl UnsupportedArgs {
    pub(super) async fn run(self, unsupported: Absent, _invocation: &Invocation) -> Result<ExitCode, CliError> {
        let error = CliError::message(format!("`{}` of kops is not here: {}", unsupported.command, unsupported.reason));
        Err(unsupported.instead.iter().fold(error, |error, hint| error.hint(*hint)))
    }
}
