//! `kopsform.yaml`: what a project is made of, so that `kopsform sync` can do the whole loop.
//!
//! Paths in it are relative to the folder it lies in.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use schemars::JsonSchema;
use serde::Deserialize;

use kopsform_diagnostics::{Finding, Report};
use kopsform_spec::decode::{Decoded, decode_file};
use kopsform_spec::field_schema::FieldSchema;
use kopsform_spec::schema::{PUBLISHED, Published, tidied};
use kopsform_terraform::{Layout, ProviderBlocks};

/// Every schema that is written to `schemas/`: those of specs, and that of this file.
pub fn schemas() -> impl Iterator<Item = &'static Published> {
    static PROJECT: Published =
        Published { file: "project.json", title: "A project of kopsform sync", make: tidied::<Project> };
    PUBLISHED.iter().chain([&PROJECT])
}

/// The file's name.
pub const FILE_NAME: &str = "kopsform.yaml";

/// A project: one cluster, from Terraform's outputs to the Terraform of the cluster.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Project {
    /// The name of the cluster. The templates' cluster must have it, and templates can ask for it as `.clusterName`.
    #[schemars(extend("examples" = ["demo.example.com"]))]
    pub cluster: String,
    /// Where the outputs of Terraform come from. Templates see them as `terraform output -json` prints them:
    /// `.vpc_id.value`.
    pub outputs: Option<Outputs>,
    /// Templates of the cluster's spec, files or folders of them, in this order.
    #[schemars(extend("examples" = [["cluster.yml"]]))]
    pub templates: Vec<String>,
    /// Files or folders of named templates that the others include.
    pub snippets: Vec<String>,
    /// Files or folders of values, merged in this order over the outputs.
    pub values: Vec<String>,
    /// The channel that templates ask for images and versions: a name, file or URL.
    #[schemars(extend("x-default" = "stable"))]
    pub channel: String,
    /// A file to keep the rendered spec in. Without it, the spec goes to the state store only.
    pub rendered: String,
    /// The state store: `s3://bucket`, or a folder. The flag `--state` and `KOPS_STATE_STORE` go before it.
    #[schemars(extend("examples" = ["s3://kops-state"]))]
    pub store: String,
    /// Whether instance groups that are gone from the templates are deleted from the state store. Groups that still have
    /// instances never are.
    pub prune: bool,
    /// The SSH public key that instances let in.
    #[schemars(extend("examples" = ["id_ed25519.pub"]))]
    pub ssh_key: String,
    /// The lock file with recorded facts. Without it, a `kopsform.lock` beside this file is used if there is one.
    #[schemars(extend("examples" = ["kopsform.lock"]))]
    pub lock: String,
    /// How the Terraform of the cluster is written.
    pub terraform: TerraformOutput,
}

/// Where the outputs of Terraform come from: one of three ways.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Outputs {
    /// A file with what `terraform output -json` printed.
    pub file: String,
    /// A folder of Terraform files, in which `terraform output -json` is run.
    pub terraform: String,
    /// A command that prints the outputs, word by word, run in the folder of this file.
    #[schemars(extend("examples" = [["tofu", "-chdir=1-prerequisites", "output", "-json"]]))]
    pub command: Vec<String>,
}

/// How the Terraform of the cluster is written.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct TerraformOutput {
    /// The folder for the files.
    #[schemars(extend("x-default" = DEFAULT_OUT))]
    pub out: String,
    /// Which provider and `terraform` blocks are written.
    #[schemars(extend("x-default" = "full"))]
    pub provider_blocks: Option<ProviderBlocks>,
    /// How blocks are spread over files.
    #[schemars(extend("x-default" = "single"))]
    pub layout: Option<Layout>,
}

const DEFAULT_OUT: &str = "out/terraform";

/// Reads a project file and makes sure that it says enough.
///
/// # Errors
/// Everything that is wrong with it, each with its place.
pub fn read(name: &str, text: &str) -> Result<Decoded<Project>, Report> {
    static SHAPE: LazyLock<Arc<FieldSchema>> = LazyLock::new(FieldSchema::of::<Project>);
    let decoded: Decoded<Project> = decode_file(name, text, &SHAPE)?;
    let mut report = Report::default();
    let project = &decoded.object;
    if project.templates.is_empty() {
        let finding = Finding::error("missing-field", "templates", "no template is named");
        report
            .push(finding.hint("name the cluster's spec: `templates: [cluster.yml]`; a spec without actions will do"));
    }
    if let Some(Outputs { file, terraform, command }) = &project.outputs {
        let ways =
            [!file.is_empty(), !terraform.is_empty(), !command.is_empty()].into_iter().filter(|way| *way).count();
        if ways != 1 {
            let message = format!("outputs come from one of file, terraform and command, {ways} are given");
            report.push(Finding::error("outputs", "outputs", message).hint("keep one of them"));
        }
    }
    for (path, list) in
        [("templates", &project.templates), ("snippets", &project.snippets), ("values", &project.values)]
    {
        for (i, _) in list.iter().enumerate().filter(|(_, text)| text.is_empty()) {
            report.push(Finding::error("empty-item", format!("{path}[{i}]"), "a file or folder is expected"));
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
    /// The address of the state store, if the project names one; a folder is taken from `dir`.
    ///
    /// # Errors
    /// When the current folder is not known, which `dir` may be relative to.
    pub fn store_in(&self, dir: &Path) -> std::io::Result<Option<String>> {
        let text = self.store.trim();
        let folder = match text.split_once("://") {
            _ if text.is_empty() => return Ok(None),
            Some(("file", folder)) => folder,
            Some(_) => return Ok(Some(text.to_owned())),
            None => text,
        };
        let folder = std::path::absolute(resolve(dir, folder))?;
        Ok(Some(format!("file://{}", folder.display())))
    }

    /// The folder that Terraform files go to.
    pub fn out_in(&self, dir: &Path) -> PathBuf {
        let out = &self.terraform.out;
        resolve(dir, if out.is_empty() { DEFAULT_OUT } else { out })
    }

    /// How Terraform files look.
    pub fn terraform_options(&self) -> kopsform_terraform::Options {
        kopsform_terraform::Options {
            provider_blocks: self.terraform.provider_blocks.unwrap_or_default(),
            layout: self.terraform.layout.unwrap_or_default(),
            ..kopsform_terraform::Options::default()
        }
    }
}

/// A path of a project file that lies in `dir`; one in the current folder stays as it is written, and so does `~`.
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

    fn mistakes(text: &str) -> String {
        read(FILE_NAME, text).unwrap_err().to_string()
    }

    #[test]
    fn a_project_says_where_everything_is() {
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
    fn stores_in_buckets_and_paths_elsewhere_stay_as_they_are() {
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
    fn every_mistake_has_a_place_and_a_remedy() {
        let text = "templates: []\noutputs:\n  file: a\n  terraform: b\nterraform:\n  layuot: split\n  providerBlocks: som\n\
                    shhKey: x\n";
        let said = mistakes(text);
        for part in [
            "kopsform.yaml:6:3: terraform.layuot: unknown field",
            "did you mean layout?",
            "kopsform.yaml:7:19: terraform.providerBlocks: unknown value \"som\"",
            "kopsform.yaml:8:1: shhKey: unknown field",
            "did you mean sshKey?",
        ] {
            assert!(said.contains(part), "{part:?} is not in\n{said}");
        }
        let said = mistakes("templates: []\noutputs:\n  file: a\n  terraform: b\n");
        assert!(said.contains("kopsform.yaml:1:1: templates: no template is named"), "{said}");
        assert!(said.contains("kopsform.yaml:2:1: outputs: outputs come from one of"), "{said}");
        assert!(mistakes("").contains("kopsform.yaml:1:1: there is nothing in it"));
        assert!(mistakes("a: [").contains("kopsform.yaml:"));
        assert!(mistakes("- a").contains("expected a mapping, found a list"));
    }
}
