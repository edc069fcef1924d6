//! `delete -f`.

use std::collections::BTreeSet;

use super::cluster;
use super::instancegroup::{self, Confirmation, Resources};
use crate::cli::output::OutputArgs;
use crate::cli::{CliError, Invocation};
use crate::ops::sshkeys;
use crate::ops::support::documents::{InputFile, read_files};
use crate::ops::support::stored_metadata;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_diagnostics::{Finding, Report, Rule};
use kopsform_spec::decode::{Decoded, Object, Strictness, decode};

/// Flags of `delete -f`.
#[derive(Debug, clap::Args)]
pub(super) struct FileArgs {
    /// Files with the objects to delete, separated by commas; `-` is standard input
    #[arg(short, long, value_name = "FILE", value_delimiter = ',')]
    filename: Vec<String>,
    /// Delete; without this flag, only show what would be deleted
    #[arg(long, short = 'y')]
    yes: bool,
}

/// What a document names for deletion.
enum DeletionTarget {
    Cluster(String),
    Group { cluster: String, name: String },
    SshKeys { cluster: String },
}

impl FileArgs {
    pub(super) fn is_given(&self) -> bool {
        !self.filename.is_empty()
    }

    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        if self.filename.is_empty() {
            return Err(CliError::message("no file is given").hint("use -f FILE, or -f - for standard input"));
        }
        let files = read_files(&self.filename, &invocation.environment).await?;
        // Everything is read before the first deletion.
        let targets = targets(&files)?;
        let mut clusters = BTreeSet::new();
        for target in targets {
            match target {
                DeletionTarget::Cluster(name) => {
                    cluster::delete(invocation, &name, &cluster::DeleteClusterOptions::of_file(self.yes)).await?;
                    clusters.insert(name);
                }
                // Deleted with the cluster already.
                DeletionTarget::Group { cluster, .. } | DeletionTarget::SshKeys { cluster }
                    if clusters.contains(&cluster) => {}
                DeletionTarget::Group { cluster, name } => {
                    let resources = Resources::of(invocation, &cluster).await?;
                    let confirmation = if self.yes { Confirmation::Given } else { Confirmation::Missing };
                    instancegroup::delete(invocation, &cluster, &name, confirmation, resources, OutputArgs::default())
                        .await?;
                }
                DeletionTarget::SshKeys { cluster } => {
                    if !self.yes {
                        invocation.ui.text("\nMust specify --yes to delete the SSH public keys\n");
                        continue;
                    }
                    let holder = invocation.holder("delete sshpublickey");
                    sshkeys::delete(&invocation.state_store()?, &cluster, &holder).await?;
                }
            }
        }
        Ok(ExitCode::Done)
    }
}

/// What the documents name for deletion, in their order.
fn targets(files: &[InputFile]) -> Result<Vec<DeletionTarget>, Report> {
    let (mut targets, mut report) = (Vec::new(), Report::default());
    for file in files {
        // Unknown fields do not matter in a spec that is deleted.
        let decoding = decode(&file.name, &file.content, Strictness::Stored);
        report.extend(decoding.report);
        for object in decoding.objects {
            match object {
                Object::Cluster(cluster) => targets.push(DeletionTarget::Cluster(cluster.object.metadata.name)),
                Object::InstanceGroup(group) => {
                    let name = group.object.metadata.name.clone();
                    match stored_metadata::cluster_of(&group.object.metadata) {
                        Some(cluster) => targets.push(DeletionTarget::Group { cluster: cluster.to_owned(), name }),
                        None => report.push(no_cluster(&format!("instanceGroup {name}"))),
                    }
                }
                Object::SshCredential(key) => match stored_metadata::cluster_of(&key.object.metadata) {
                    Some(cluster) => targets.push(DeletionTarget::SshKeys { cluster: cluster.to_owned() }),
                    None => report.push(no_cluster("SSHCredential")),
                },
                Object::Keyset(keyset) => report.push(unhandled("Keyset", &keyset)),
                Object::Additional(object) => {
                    let kind = object.object.get("kind").and_then(|kind| kind.as_str()).unwrap_or_default();
                    report.push(unhandled(kind, &object));
                }
            }
        }
    }
    if report.has_errors() { Err(report) } else { Ok(targets) }
}

fn unhandled<T>(kind: &str, object: &Decoded<T>) -> Finding {
    let mut finding = Finding::error(Rule::UnhandledKind, "kind", format!("unhandled kind {kind}"))
        .hint("clusters, instance groups and SSH credentials can be deleted");
    object.locations.place(&mut finding);
    finding
}

fn no_cluster(what: &str) -> Finding {
    let label = kopsform_state::CLUSTER_LABEL;
    Finding::error(
        Rule::NoClusterLabel,
        "metadata.labels",
        format!("must specify {label:?} label with cluster name to delete {what}"),
    )
}
