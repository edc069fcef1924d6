//! `kopsform.yaml`: the inputs and outputs of `kopsform sync`.
//!
//! Paths in it are relative to its directory.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use schemars::JsonSchema;
use serde::Deserialize;

use kopsform_diagnostics::{Allowed, Explain as _, Finding, Report, Rule};
use kopsform_spec::address::StoreUrl;
use kopsform_spec::decode::{Decoded, decode_file};
use kopsform_spec::field_schema::FieldSchema;
use kopsform_spec::schema::{PUBLISHED, Published, tidied};
use kopsform_terraform::{Layout, ProviderBlocks};

/// Every schema in `schemas/`: those of specs, and that of this file.
pub fn schemas() -> impl Iterator<Item = &'static Published> {
    static PROJECT: Published =
        Published { file: "project.json", title: "A project of kopsform sync", make: tidied::<Project> };
    PUBLISHED.iter().chain([&PROJECT])
}

pub const FILE_NAME: &str = "kopsform.yaml";

/// A project: the inputs and outputs of one cluster.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Project {
    /// The name of the cluster, which must be that of the rendered cluster. Templates can use it as `.clusterName`.
    #[schemars(extend("examples" = ["demo.example.com"]))]
    pub cluster: String,
    /// Where Terraform's outputs come from. Templates use them in the form of `terraform output -json`, such as
    /// `.vpc_id.value`.
    pub outputs: Option<Outputs>,
    /// Templates of the cluster's spec, as files or directories, in this order.
    #[schemars(extend("examples" = [["cluster.yml"]]))]
    pub templates: Vec<String>,
    /// Files or directories of named templates that the others include.
    pub snippets: Vec<String>,
    /// Files or directories of values, which are merged in this order and override the outputs.
    pub values: Vec<String>,
    /// The channel that recommends images and versions to templates: a name, file or URL.
    #[schemars(extend("x-default" = "stable"))]
    pub channel: String,
    /// A file for the rendered spec. Without it, the spec is written to the state store only.
    pub rendered: String,
    /// The state store: `s3://bucket` or a directory. The flag `--state` and `KOPS_STATE_STORE` take precedence.
    #[schemars(extend("examples" = ["s3://kops-state"]))]
    pub store: String,
    /// Whether instance groups that are no longer in the templates are deleted from the state store. Groups that still have
    /// instances are never deleted.
    pub prune: bool,
    /// The SSH public key for instances.
    #[schemars(extend("examples" = ["id_ed25519.pub"]))]
    pub ssh_key: String,
    /// The lock file with recorded facts [default: `kopsform.lock` next to this file, if it exists].
    #[schemars(extend("examples" = ["kopsform.lock"]))]
    pub lock: String,
    /// How specs are validated.
    pub validate: Validation,
    /// How the cluster's Terraform is written.
    pub terraform: TerraformOutput,
}

/// How specs are validated.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Validation {
    /// Rules that are switched off, by their names in `docs/rules.md`. What kops refuses is an error all the same.
    #[schemars(extend("examples" = [["surprising-default"]]))]
    pub allow: Vec<String>,
}

/// Where Terraform's outputs come from: one of three sources.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Outputs {
    /// A file with the output of `terraform output -json`.
    pub file: String,
    /// A directory of Terraform files, in which `terraform output -json` is run.
    pub terraform: String,
    /// A command that prints the outputs, as a list of the program and its arguments. It is run in the directory of this file.
    #[schemars(extend("examples" = [["tofu", "-chdir=1-prerequisites", "output", "-json"]]))]
    pub command: Vec<String>,
}

/// How the cluster's Terraform is written.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct TerraformOutput {
    /// The output directory.
    #[schemars(extend("x-default" = DEFAULT_OUT))]
    pub out: String,
    /// The provider and `terraform` blocks that are written.
    #[schemars(extend("x-default" = "full"))]
    pub provider_blocks: Option<ProviderBlocks>,
    /// How blocks are distributed over files.
    #[schemars(extend("x-default" = "single"))]
    pub layout: Option<Layout>,
}

const DEFAULT_OUT: &str = "out/terraform";

/// Reads and validates a project file.
///
/// # Errors
/// All errors of the file, with their locations.
pub fn read(name: &str, content: &str) -> Result<Decoded<Project>, Report> {
    static SCHEMA: LazyLock<Arc<FieldSchema>> = LazyLock::new(FieldSchema::of::<Project>);
    let decoded: Decoded<Project> = decode_file(name, content, &SCHEMA)?;
    let mut report = Report::default();
    let project = &decoded.object;
    if project.templates.is_empty() {
        let finding = Finding::error(Rule::MissingField, "templates", "no template is given");
        report
            .push(finding.hint("set it to the cluster's spec, such as `templates: [cluster.yml]`; a spec without actions is a template too"));
    }
    if let Some(Outputs { file, terraform, command }) = &project.outputs {
        let given =
            [!file.is_empty(), !terraform.is_empty(), !command.is_empty()].into_iter().filter(|given| *given).count();
        if given != 1 {
            let message = format!("expected one of file, terraform and command, found {given}");
            report.push(Finding::error(Rule::Outputs, "outputs", message).hint("set exactly one of them"));
        }
    }
    for (path, list) in
        [("templates", &project.templates), ("snippets", &project.snippets), ("values", &project.values)]
    {
        for (i, _) in list.iter().enumerate().filter(|(_, item)| item.is_empty()) {
            report.push(Finding::error(Rule::EmptyItem, format!("{path}[{i}]"), "expected a file or directory"));
        }
    }
    for (i, name) in project.validate.allow.iter().enumerate() {
        if let Err(error) = Allowed::of([name.as_str()]) {
            let mut finding = Finding::error(Rule::UnknownValue, format!("validate.allow[{i}]"), error.to_string());
            finding.hint = error.hints().pop();
            report.push(finding);
        }
    }
    if report.has_errors() {
        report.findings.iter_mut().for_each(|finding| decoded.locations.place(finding));
        report.sort();
        return Err(report);
    }
    Ok(decoded)
}

impl Project {
    /// The URL of the state store, if the project names one. A directory is relative to `dir`.
    ///
    /// # Errors
    /// If `dir` is relative and the current directory is not known.
    pub fn store_in(&self, dir: &Path) -> std::io::Result<Option<String>> {
        let store = self.store.trim();
        let path = match store.split_once("://") {
            _ if store.is_empty() => return Ok(None),
            Some(("file", path)) if !path.is_empty() => path,
            None if StoreUrl::can_be_path(store) => store,
            // A bucket, or an invalid URL that opening the store refuses.
            _ => return Ok(Some(store.to_owned())),
        };
        let path = std::path::absolute(resolve(dir, path))?;
        Ok(Some(format!("file://{}", path.display())))
    }

    /// The output directory for Terraform files.
    pub fn out_in(&self, dir: &Path) -> PathBuf {
        let out = &self.terraform.out;
        resolve(dir, if out.is_empty() { DEFAULT_OUT } else { out })
    }

    /// The rules that are switched off. Names that are not rules are left out: [`read`] reports them.
    pub fn allowed(&self) -> Allowed {
        let mut allowed = Allowed::default();
        for name in &self.validate.allow {
            let _ = allowed.add(name);
        }
        allowed
    }

    pub fn terraform_options(&self) -> kopsform_terraform::Options {
        kopsform_terraform::Options {
            provider_blocks: self.terraform.provider_blocks.unwrap_or_default(),
            layout: self.terraform.layout.unwrap_or_default(),
            ..kopsform_terraform::Options::default()
        }
    }
}

/// A path relative to the project's directory `dir`. Paths of a project in the current directory and those that start with `~`
/// are not changed, so that messages show them as written.
pub fn resolve(dir: &Path, path: &str) -> PathBuf {
    if dir.as_os_str().is_empty() || dir == Path::new(".") || path.starts_with('~') {
        return PathBuf::from(path);
    }
    if path == "." { dir.to_owned() } else { dir.join(path.strip_prefix("./").unwrap_or(path)) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn errors(text: &str) -> String {
        read(FILE_NAME, text).unwrap_err().to_string()
    }

    #[test]
    fn a_project_has_inputs_and_outputs() {
        let text = "cluster: a.example.com\noutputs: {file: outputs.json}\ntemplates: [cluster.yml]\nstore: state\n\
                    terraform: {providerBlocks: none, layout: split}\n";
        let project = read(FILE_NAME, text).unwrap().object;
        assert_eq!(project.outputs.clone().unwrap().file, "outputs.json");
        assert_eq!(project.store_in(Path::new("/p")).unwrap().unwrap(), "file:///p/state");
        assert_eq!(project.out_in(Path::new("/p")), Path::new("/p/out/terraform"));
        assert_eq!(project.terraform_options().provider_blocks, ProviderBlocks::None);
        assert_eq!(project.terraform_options().layout, Layout::Split);
    }

    #[test]
    fn urls_and_absolute_paths_are_not_changed() {
        let store =
            |store: &str| Project { store: store.to_owned(), ..Project::default() }.store_in(Path::new("dir")).unwrap();
        assert_eq!(store("s3://bucket/a"), Some("s3://bucket/a".to_owned()));
        assert_eq!(store(""), None);
        assert_eq!(store("file:///srv/state"), Some("file:///srv/state".to_owned()));
        assert_eq!(resolve(Path::new("dir"), "~/key.pub"), Path::new("~/key.pub"));
        assert_eq!(resolve(Path::new("."), "a"), Path::new("a"));
        assert_eq!(resolve(Path::new("dir"), "a"), Path::new("dir/a"));
        assert_eq!(resolve(Path::new("dir"), "."), Path::new("dir"));
        assert_eq!(resolve(Path::new("dir"), "./a"), Path::new("dir/a"));
    }

    #[test]
    fn every_error_has_a_location_and_a_hint() {
        let text = "templates: []\noutputs:\n  file: a\n  terraform: b\nterraform:\n  layuot: split\n  providerBlocks: som\n\
                    shhKey: x\n";
        let message = errors(text);
        for part in [
            "kopsform.yaml:6:3: terraform.layuot: unknown field",
            "did you mean layout?",
            "kopsform.yaml:7:19: terraform.providerBlocks: unknown value \"som\"",
            "kopsform.yaml:8:1: shhKey: unknown field",
            "did you mean sshKey?",
        ] {
            assert!(message.contains(part), "{part:?} is not in\n{message}");
        }
        let message = errors("templates: []\noutputs:\n  file: a\n  terraform: b\n");
        assert!(message.contains("kopsform.yaml:1:1: templates: no template is given"), "{message}");
        assert!(
            message.contains("kopsform.yaml:2:1: outputs: expected one of file, terraform and command"),
            "{message}"
        );
        let message =
            errors("templates: [a]\nvalidate:\n  allow:\n  - old-version\n  - surprising-defualt\n  - wrong-type\n");
        assert!(
            message.contains("kopsform.yaml:5:5: validate.allow[1]: unknown rule \"surprising-defualt\""),
            "{message}"
        );
        assert!(message.contains("hint: did you mean surprising-default?"), "{message}");
        assert!(
            message.contains("kopsform.yaml:6:5: validate.allow[2]: the rule wrong-type can't be allowed"),
            "{message}"
        );
        assert!(errors("").contains("kopsform.yaml:1:1: the file is empty"));
        assert!(errors("a: [").contains("kopsform.yaml:"));
        assert!(errors("- a").contains("expected a mapping, found a list"));
    }
}
