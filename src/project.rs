//! `kopsform.yaml`: the inputs and outputs of `kopsform sync`, and the defaults of every other command.
//!
//! Paths in it are relative to its directory.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use schemars::JsonSchema;
use serde::Deserialize;

use kopsform_cloudformation::Nesting;
use kopsform_diagnostics::{Allowed, Explain as _, Finding, Report, Rule};
use kopsform_model::facts::lock;
use kopsform_spec::address::StoreUrl;
use kopsform_spec::decode::{Decoded, decode_file};
use kopsform_spec::field_schema::FieldSchema;
use kopsform_spec::schema::{PUBLISHED, Published, tidied};
use kopsform_terraform::{Layout, Moves, Protected, ProviderBlocks, VersionConstraint};

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
    /// The lock file with recorded facts [default: `kopsform.lock` next to this file, if it exists]. The flag `--lock` and
    /// `KOPSFORM_LOCK` take precedence.
    #[schemars(extend("examples" = ["kopsform.lock"]))]
    pub lock: String,
    /// How specs are validated.
    pub validate: Validation,
    /// What changes the cloud: `update cluster`, with `direct`, or Terraform or CloudFormation, for which it writes files. `sync` always
    /// writes files, with `direct` those of Terraform.
    #[schemars(extend("x-default" = "direct"))]
    pub target: Option<Target>,
    /// How the cluster's Terraform is written.
    pub terraform: TerraformOutput,
    /// How the cluster's CloudFormation templates are written.
    #[serde(rename = "cloudformation")]
    pub cloudformation: CloudFormationOutput,
}

/// The files that a cluster is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Files {
    /// Terraform files.
    Terraform,
    /// CloudFormation templates.
    CloudFormation,
}

impl Files {
    /// Those of a project's target.
    pub fn of(target: Option<Target>) -> Self {
        match target {
            Some(Target::CloudFormation) => Self::CloudFormation,
            Some(Target::Direct | Target::Terraform) | None => Self::Terraform,
        }
    }
}

/// How a cluster's CloudFormation templates are written.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CloudFormationOutput {
    /// The output directory.
    #[schemars(extend("x-default" = DEFAULT_CLOUDFORMATION_OUT))]
    pub out: String,
    /// Over how many stacks the cluster is spread: one if a template can hold it (auto), or a nested stack for each part (always).
    #[schemars(extend("x-default" = "auto"))]
    pub nesting: Option<Nesting>,
}

/// What changes a cluster's cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// This program.
    Direct,
    /// Terraform.
    Terraform,
    /// CloudFormation.
    CloudFormation,
}

impl Target {
    /// The name in flags and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Terraform => "terraform",
            Self::CloudFormation => "cloudformation",
        }
    }

    /// The name for users.
    pub fn title(self) -> &'static str {
        match self {
            Self::Direct => "kopsform",
            Self::Terraform => "Terraform",
            Self::CloudFormation => "CloudFormation",
        }
    }
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
    /// Resources that Terraform must not destroy: a plan that would is an error.
    #[schemars(extend("examples" = [["etcd", "api"]]))]
    pub prevent_destroy: Vec<Protected>,
    /// The accepted versions of the AWS provider.
    #[schemars(extend("x-default" = ">= 5.0.0", "examples" = [">= 5.0, < 7.0"]))]
    pub aws_provider: String,
    /// The accepted versions of the Google provider, for clusters on Google Cloud.
    #[schemars(extend("x-default" = ">= 6.8.0", "examples" = ["~> 7.0"]))]
    pub google_provider: String,
    /// The accepted versions of Terraform [default: the oldest that reads the output].
    #[schemars(extend("examples" = [">= 1.3"]))]
    pub terraform_version: String,
    /// How the state of resources whose addresses changed is kept: `moved` blocks for Terraform 1.1 and later, a script of
    /// `terraform state mv`, or nothing.
    #[schemars(extend("x-default" = "blocks"))]
    pub moves: Option<Moves>,
    /// Whether files in the output directory that mean the same as new ones are left as they are.
    pub keep_equivalent: bool,
}

impl TerraformOutput {
    /// The constraints on versions, with their paths in the file.
    fn versions(&self) -> [(&'static str, &str); 3] {
        [
            ("terraform.awsProvider", self.aws_provider.as_str()),
            ("terraform.googleProvider", self.google_provider.as_str()),
            ("terraform.terraformVersion", self.terraform_version.as_str()),
        ]
    }

    /// Errors in the constraints on versions.
    fn bad_versions(&self) -> impl Iterator<Item = Finding> {
        let has_block = self.provider_blocks != Some(ProviderBlocks::None);
        self.versions().into_iter().filter(|(_, text)| !text.is_empty()).filter_map(move |(path, text)| {
            match text.parse::<VersionConstraint>() {
                Err(error) => Some(Finding::error(Rule::VersionConstraint, path, error.to_string())),
                Ok(_) if !has_block => Some(
                    Finding::error(Rule::VersionConstraint, path, "it has no effect without a terraform block")
                        .hint("remove it, or set terraform.providerBlocks to full or required"),
                ),
                Ok(_) => None,
            }
        })
    }
}

/// The output directory where neither a flag nor a project names one.
pub const DEFAULT_OUT: &str = "out/terraform";
/// The same for CloudFormation templates.
pub const DEFAULT_CLOUDFORMATION_OUT: &str = "out/cloudformation";

/// Reads a project file without checking whether it has what `sync` needs.
fn decode(name: &str, content: &str) -> Result<Decoded<Project>, Report> {
    static SCHEMA: LazyLock<Arc<FieldSchema>> = LazyLock::new(FieldSchema::of::<Project>);
    decode_file(name, content, &SCHEMA)
}

/// Reads and validates a project file.
///
/// # Errors
/// All errors of the file, with their locations.
pub fn read(name: &str, content: &str) -> Result<Decoded<Project>, Report> {
    let decoded = decode(name, content)?;
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
    report.findings.extend(project.validate.unknown_rules());
    report.findings.extend(project.terraform.bad_versions());
    refuse(report, &decoded)?;
    Ok(decoded)
}

/// Fails if a report has errors, with their locations.
fn refuse(mut report: Report, decoded: &Decoded<Project>) -> Result<(), Report> {
    if !report.has_errors() {
        return Ok(());
    }
    report.findings.iter_mut().for_each(|finding| decoded.locations.place(finding));
    report.sort();
    Err(report)
}

impl Validation {
    /// Errors for names that are not rules, or rules that cannot be switched off.
    fn unknown_rules(&self) -> impl Iterator<Item = Finding> {
        self.allow.iter().enumerate().filter_map(|(i, name)| {
            let error = Allowed::of([name.as_str()]).err()?;
            let mut finding = Finding::error(Rule::UnknownValue, format!("validate.allow[{i}]"), error.to_string());
            finding.hint = error.hints().pop();
            Some(finding)
        })
    }
}

/// A project file that was found in a directory or above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The directory of the file, relative to the one where the search began: `.`, `..`, `../..`.
    pub dir: PathBuf,
    /// Whether the file, above that directory, belongs to another user. It may then be a trap, such as one in `/tmp`: it decides
    /// where keys are stored and which command prints the outputs.
    pub is_foreign: bool,
}

/// Searches a directory and those above it for a project file. `start` is an absolute path.
pub fn find(start: &Path) -> Option<Found> {
    let mut dir = PathBuf::from(".");
    for (level, directory) in start.ancestors().enumerate() {
        if level > 0 {
            dir = if level == 1 { PathBuf::from("..") } else { dir.join("..") };
        }
        let file = directory.join(FILE_NAME);
        if file.is_file() {
            return Some(Found { dir, is_foreign: level > 0 && has_other_owner(&file, start) });
        }
    }
    None
}

/// Whether a file belongs neither to the owner of a directory nor to root.
#[cfg(unix)]
fn has_other_owner(file: &Path, directory: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let owner = |path: &Path| path.metadata().map(|metadata| metadata.uid());
    !matches!((owner(file), owner(directory)), (Ok(of_file), Ok(own)) if of_file == own || of_file == 0)
}

#[cfg(not(unix))]
fn has_other_owner(_: &Path, _: &Path) -> bool {
    false
}

/// The settings of a project that are defaults of commands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Defaults {
    /// The project file as messages show it.
    pub file: PathBuf,
    /// The name of the cluster.
    pub cluster: Option<String>,
    /// The URL of the state store.
    pub store: Option<String>,
    /// The lock file, which need not exist yet: the one that the project names, or the usual one next to it.
    pub lock: PathBuf,
    /// Whether the project names the lock file.
    pub names_lock: bool,
    /// The rules that are switched off.
    pub allowed: Allowed,
    /// Whether it has templates, which only `sync` and `diff` read.
    pub has_templates: bool,
    /// What changes the cloud.
    pub target: Option<Target>,
    /// How the Terraform of its cluster is written.
    pub terraform: TerraformDefaults,
    /// The output directory for CloudFormation templates, if the project names one.
    pub cloudformation_out: Option<PathBuf>,
}

impl Defaults {
    /// Whether it may be a cluster's project: it does not name another one.
    pub fn is_of(&self, cluster: &str) -> bool {
        self.cluster.as_deref().is_none_or(|own| own == cluster)
    }
}

/// How a project has the Terraform of its cluster written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TerraformDefaults {
    /// The output directory, if the project names one.
    pub out: Option<PathBuf>,
    pub options: kopsform_terraform::Options,
    pub moves: Option<Moves>,
    pub keep_equivalent: bool,
}

/// Reads the defaults from the project file in a directory.
///
/// # Errors
/// All errors of the file. What only `sync` needs may be missing.
pub fn defaults(dir: &Path, content: &str) -> Result<Defaults, Report> {
    let file = resolve(dir, FILE_NAME);
    let decoded = decode(&file.display().to_string(), content)?;
    let project = &decoded.object;
    let mut report = Report::default();
    report.findings.extend(project.validate.unknown_rules());
    report.findings.extend(project.terraform.bad_versions());
    let store = project.store_in(dir).unwrap_or_else(|error| {
        report.push(Finding::error(Rule::BadStore, "store", error.to_string()));
        None
    });
    refuse(report, &decoded)?;
    let names_lock = !project.lock.is_empty();
    let lock = resolve(dir, if names_lock { &project.lock } else { lock::FILE_NAME });
    let cluster = Some(project.cluster.clone()).filter(|name| !name.is_empty());
    let has_templates = !project.templates.is_empty();
    let out = |out: &String| Some(out).filter(|out| !out.is_empty()).map(|out| resolve(dir, out));
    let cloudformation_out = out(&project.cloudformation.out);
    let terraform = TerraformDefaults {
        out: out(&project.terraform.out),
        options: project.terraform_options(),
        moves: project.terraform.moves,
        keep_equivalent: project.terraform.keep_equivalent,
    };
    let (target, allowed) = (project.target, project.allowed());
    Ok(Defaults {
        file,
        cluster,
        store,
        lock,
        names_lock,
        allowed,
        has_templates,
        target,
        terraform,
        cloudformation_out,
    })
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

    /// The files that the cluster is written as.
    pub fn files(&self) -> Files {
        Files::of(self.target)
    }

    /// The output directory for these files.
    pub fn out_in(&self, dir: &Path) -> PathBuf {
        let (out, default) = match self.files() {
            Files::Terraform => (&self.terraform.out, DEFAULT_OUT),
            Files::CloudFormation => (&self.cloudformation.out, DEFAULT_CLOUDFORMATION_OUT),
        };
        resolve(dir, if out.is_empty() { default } else { out })
    }

    /// Writes to another directory than the project says.
    pub fn set_out(&mut self, out: String) {
        match self.files() {
            Files::Terraform => self.terraform.out = out,
            Files::CloudFormation => self.cloudformation.out = out,
        }
    }

    /// How CloudFormation templates are written.
    pub fn cloudformation_options(&self) -> kopsform_cloudformation::Options {
        kopsform_cloudformation::Options { nesting: self.cloudformation.nesting.unwrap_or_default() }
    }

    /// The rules that are switched off. Names that are not rules are left out: [`read`] reports them.
    pub fn allowed(&self) -> Allowed {
        let mut allowed = Allowed::default();
        for name in &self.validate.allow {
            let _ = allowed.add(name);
        }
        allowed
    }

    /// How Terraform is written. Invalid versions are left out: [`read`] reports them.
    pub fn terraform_options(&self) -> kopsform_terraform::Options {
        let [aws_provider, google_provider, terraform_version] =
            self.terraform.versions().map(|(_, text)| text.parse().ok());
        kopsform_terraform::Options {
            provider_blocks: self.terraform.provider_blocks.unwrap_or_default(),
            layout: self.terraform.layout.unwrap_or_default(),
            prevent_destroy: self.terraform.prevent_destroy.iter().copied().collect(),
            aws_provider,
            google_provider,
            terraform_version,
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
    fn guards_and_versions_of_terraform_are_options() {
        let text = "templates: [a]\nterraform:\n  preventDestroy: [etcd, api]\n  awsProvider: '>= 5.0, < 7.0'\n  \
                    terraformVersion: '>= 1.3'\n";
        let options = read(FILE_NAME, text).unwrap().object.terraform_options();
        assert_eq!(options.prevent_destroy, [Protected::Etcd, Protected::Api].into());
        assert_eq!(options.aws_provider.unwrap().as_str(), ">= 5.0, < 7.0");
        assert_eq!(options.terraform_version.unwrap().as_str(), ">= 1.3");
        let message = errors("templates: [a]\nterraform:\n  preventDestroy: [etdc]\n  awsProvider: latest\n");
        assert!(
            message.contains("kopsform.yaml:3:20: terraform.preventDestroy[0]: unknown value \"etdc\""),
            "{message}"
        );
        let message = errors("templates: [a]\nterraform:\n  awsProvider: latest\n");
        assert!(
            message.contains("kopsform.yaml:3:16: terraform.awsProvider: \"latest\" is not a version"),
            "{message}"
        );
        let message = errors("templates: [a]\nterraform: {providerBlocks: none, terraformVersion: '>= 1.3'}\n");
        assert!(
            message.contains("terraform.terraformVersion: it has no effect without a terraform block"),
            "{message}"
        );
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
    fn a_project_is_found_from_below() {
        let home = tempfile::tempdir().unwrap();
        let start = home.path().canonicalize().unwrap();
        let below = start.join("a/b");
        std::fs::create_dir_all(&below).unwrap();
        assert_eq!(find(&below), None);
        std::fs::write(start.join(FILE_NAME), "cluster: outer.example.com\n").unwrap();
        let found = |dir: &str| Some(Found { dir: PathBuf::from(dir), is_foreign: false });
        assert_eq!(find(&below), found("../.."));
        assert_eq!(find(&start.join("a")), found(".."));
        std::fs::write(below.join(FILE_NAME), "cluster: inner.example.com\n").unwrap();
        assert_eq!(find(&below), found("."));
    }

    /// Needs root to give a file to another user.
    #[cfg(unix)]
    #[test]
    fn a_project_above_that_belongs_to_another_user_is_foreign() {
        let home = tempfile::tempdir().unwrap();
        let start = home.path().canonicalize().unwrap();
        let (file, below) = (start.join(FILE_NAME), start.join("a"));
        std::fs::create_dir(&below).unwrap();
        std::fs::write(&file, "store: s3://elsewhere\n").unwrap();
        if std::os::unix::fs::chown(&file, Some(65534), None).is_err() {
            return;
        }
        assert!(find(&below).unwrap().is_foreign);
        // In the directory itself it is what the user sees there.
        assert!(!find(&start).unwrap().is_foreign);
        std::os::unix::fs::chown(&below, Some(65534), None).unwrap();
        assert!(!find(&below).unwrap().is_foreign);
    }

    #[test]
    fn a_project_has_defaults_even_if_it_cannot_be_synced() {
        let defaults = |text: &str| defaults(Path::new(".."), text);
        let found = defaults("cluster: a.example.com\nstore: s3://state\n").unwrap();
        assert_eq!(found.cluster.as_deref(), Some("a.example.com"));
        assert_eq!(found.store.as_deref(), Some("s3://state"));
        assert_eq!((found.lock.as_path(), found.names_lock), (Path::new("../kopsform.lock"), false));
        let found = defaults("templates: [cluster.yml]\nlock: facts.json\n").unwrap();
        assert_eq!((found.cluster, found.store), (None, None));
        assert_eq!((found.lock.as_path(), found.names_lock), (Path::new("../facts.json"), true));
        let message = defaults("clutser: a\n").unwrap_err().to_string();
        assert!(message.contains("../kopsform.yaml:1:1: clutser: unknown field"), "{message}");
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
