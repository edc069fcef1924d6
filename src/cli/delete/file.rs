//! `delete -f`.

use std::collections::BTreeSet;

use super::{cluster, instancegroup};
use crate::cli::{CliError, Invocation};
use crate::ops::documents::{Text, read_texts};
use crate::ops::{sshkeys, stored_metadata};
use kopsform_diagnostics::exit::ExitCode;
use kopsform_diagnostics::{Finding, Report, Rule};
use kopsform_spec::decode::{Object, Strictness, decode};

/// Files with what is to be deleted.
#[derive(Debug, clap::Args)]
pub(super) struct FileArgs {
    /// Files that hold what is to be deleted, separated by commas; `-` is standard input
    #[arg(short, long, value_name = "FILE", value_delimiter = ',')]
    filename: Vec<String>,
    /// Do it; without, only what would be deleted is shown
    #[arg(long, short = 'y')]
    yes: bool,
}

/// What one document says is to go.
enum DeletionTarget {
    Cluster(String),
    Group { cluster: String, name: String },
    SshKeys { cluster: String },
}

impl FileArgs {
    /// Whether a file is named.
    pub(super) fn is_given(&self) -> bool {
        !self.filename.is_empty()
    }

    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        if self.filename.is_empty() {
            return Err(CliError::message("no file is given").hint("name one with -f, or `-` for standard input"));
        }
        let texts = read_texts(&self.filename, &invocation.environment).await?;
        // Everything is read before the first deletion.
        let doomed = named_by(&texts)?;
        let mut clusters = BTreeSet::new();
        for doomed in doomed {
            match doomed {
                DeletionTarget::Cluster(name) => {
                    cluster::delete(invocation, &name, &cluster::DeleteClusterOptions::of_file(self.yes)).await?;
                    clusters.insert(name);
                }
                // What belongs to a cluster goes with it.
                DeletionTarget::Group { cluster, .. } | DeletionTarget::SshKeys { cluster }
                    if clusters.contains(&cluster) => {}
                DeletionTarget::Group { cluster, name } => {
                    instancegroup::delete(invocation, &cluster, &name, self.yes, false).await?;
                }
                DeletionTarget::SshKeys { cluster } => {
                    if !self.yes {
                        invocation.ui.data("\nMust specify --yes to delete the SSH public keys\n");
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

/// What the documents name, in their order.
fn named_by(texts: &[Text]) -> Result<Vec<DeletionTarget>, Report> {
    let (mut doomed, mut report) = (Vec::new(), Report::default());
    for text in texts {
        // What else is wrong with a spec does not matter when it goes.
        let decoding = decode(&text.name, &text.content, Strictness::Stored);
        report.extend(decoding.report);
        for object in decoding.objects {
            match object {
                Object::Cluster(cluster) => doomed.push(DeletionTarget::Cluster(cluster.object.metadata.name)),
                Object::InstanceGroup(group) => {
                    let name = group.object.metadata.name.clone();
                    match stored_metadata::cluster_of(&group.object.metadata) {
                        Some(cluster) => doomed.push(DeletionTarget::Group { cluster: cluster.to_owned(), name }),
                        None => report.push(no_cluster(&format!("instanceGroup {name}"))),
                    }
                }
                Object::SshCredential(key) => match stored_metadata::cluster_of(&key.object.metadata) {
                    Some(cluster) => doomed.push(DeletionTarget::SshKeys { cluster: cluster.to_owned() }),
                    None => report.push(no_cluster("SSHCredential")),
                },
                Object::Keyset(_) | Object::Additional(_) => {
                    let message = format!("unhandled kind in {:?}", text.name);
                    report.push(
                        Finding::error(Rule::UnhandledKind, "kind", message)
                            .hint("clusters, instance groups and SSH credentials can be deleted"),
                    );
                }
            }
        }
    }
    if report.has_errors() { Err(report) } else { Ok(doomed) }
}

fn no_cluster(what: &str) -> Finding {
    let label = kopsform_state::CLUSTER_LABEL;
    Finding::error(
        Rule::NoClusterLabel,
        "metadata.labels",
        format!("must specify {label:?} label with cluster name to delete {what}"),
    )
}
