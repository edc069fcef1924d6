//! Which target an update is for: the cloud itself, as in kops, or files for Terraform or CloudFormation.

use std::path::{Path, PathBuf};

use crate::cli::{CliError, Invocation};
use crate::project::{DEFAULT_OUT, Target};
use kopsform_cloudformation::ROOT_FILE;
use kopsform_state::{StateStore, recorded_target, target_url};

/// Files that a directory has after Terraform was written to it, by this program or by kops.
const TERRAFORM_FILES: [&str; 2] = [".kopsform-manifest.json", "kubernetes.tf"];

/// The target of a name.
///
/// # Errors
/// If no target has that name.
pub(in crate::cli) fn parse(name: &str) -> Result<Target, CliError> {
    match name.to_lowercase().as_str() {
        "direct" => Ok(Target::Direct),
        "terraform" => Ok(Target::Terraform),
        "cloudformation" => Ok(Target::CloudFormation),
        "dryrun" => Err(CliError::message("target \"dryrun\" is not supported")
            .hint("omit --target and --yes: update cluster then only shows what would change")),
        _ => Err(CliError::message(format!("target {name:?} is not supported"))
            .hint("use direct, terraform or cloudformation")),
    }
}

/// The target that the user named: with the flag, or else in the project.
///
/// # Errors
/// If no target has that name, or the project is invalid.
pub(in crate::cli) fn named(flag: Option<&str>, invocation: &Invocation) -> Result<Option<Target>, CliError> {
    match flag.filter(|name| !name.is_empty()) {
        Some(name) => parse(name).map(Some),
        None => Ok(invocation.project()?.and_then(|project| project.target)),
    }
}

/// How a cluster is run, and how that is known.
pub(in crate::cli) struct KnownTarget {
    pub target: Target,
    /// Where it is recorded; none for the default.
    pub source: Option<String>,
}

/// How a cluster is run: as the project says, else as the state store has it recorded, else with the target that there are files of,
/// else directly.
///
/// # Errors
/// If the store or the project cannot be read.
pub(in crate::cli) async fn of_cluster(
    invocation: &Invocation,
    state: &StateStore,
    name: &str,
    out: Option<&Path>,
) -> Result<KnownTarget, CliError> {
    let project = invocation.project()?;
    if let Some((project, target)) = project.and_then(|project| Some((project, project.target?))) {
        return Ok(KnownTarget { target, source: Some(project.file.display().to_string()) });
    }
    if recorded_target(state, name).await?.as_deref() == Some(Target::Terraform.name()) {
        return Ok(KnownTarget { target: Target::Terraform, source: Some(target_url(state, name)) });
    }
    let usual =
        || project.and_then(|project| project.terraform.out.clone()).unwrap_or_else(|| PathBuf::from(DEFAULT_OUT));
    let out = out.map_or_else(usual, Path::to_owned);
    // The store records Terraform only.
    let template = invocation.cloudformation_out(None, name)?.join(ROOT_FILE);
    let files = TERRAFORM_FILES.map(|file| (Target::Terraform, out.join(file)));
    let mut files = files.into_iter().chain([(Target::CloudFormation, template)]);
    let found = files.find(|(_, file)| file.is_file());
    Ok(match found {
        Some((target, file)) => KnownTarget { target, source: Some(file.display().to_string()) },
        None => KnownTarget { target: Target::Direct, source: None },
    })
}

/// The target of an update for which none was named. kops' default is to change the cloud itself, and before this program could, its
/// own default was Terraform; so what depends on that earlier default is an error.
///
/// # Errors
/// If the cluster is run with another target, or flags are given that only matter there.
pub(super) async fn by_default(
    invocation: &Invocation,
    state: &StateStore,
    name: &str,
    out: Option<&Path>,
    terraform_flags: &[&str],
) -> Result<Target, CliError> {
    const NAME_IT: &str = "add --target terraform, or `target: terraform` to kopsform.yaml";
    if let Some(flag) = terraform_flags.first() {
        let message =
            format!("{flag} needs --target terraform: the default target is direct, which changes the cloud itself");
        return Err(CliError::message(message).hint(NAME_IT));
    }
    match of_cluster(invocation, state, name, out).await? {
        KnownTarget { target: Target::Direct, .. } | KnownTarget { source: None, .. } => Ok(Target::Direct),
        KnownTarget { target, source: Some(source) } => {
            let (title, target) = (target.title(), target.name());
            let message = format!(
                "{name} is run with {title}, as {source} shows, and the default target is direct, which changes the cloud itself"
            );
            Err(CliError::message(message)
                .hint(format!("add --target {target}, or `target: {target}` to kopsform.yaml"))
                .hint(format!("with --target direct, kopsform changes the cloud itself instead of {title}")))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn targets_are_known_by_their_names() {
        assert_eq!(parse("Terraform").unwrap(), Target::Terraform);
        assert_eq!(parse("direct").unwrap(), Target::Direct);
        assert!(parse("dryrun").unwrap_err().hints[0].contains("--yes"));
        assert!(parse("cloudform").unwrap_err().message.contains("cloudform"));
    }
}
