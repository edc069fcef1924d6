//! `update cluster --target cloudformation`, and the templates in `golden/cloudformation`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{kopsform, root, skip, stderr, stdout, succeed};

const CLUSTER: &str = "k1.devstg.aws.example.com";

/// Rules of cfn-lint that may speak: zones are named because the spec names them; `TemplateURL` names a file that
/// `aws cloudformation package` uploads.
const ALLOWED: [&str; 2] = ["W3010", "W3002"];

/// The example project in a directory store, without network.
struct Project(tempfile::TempDir);

impl Project {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        for file in ["cluster.yml", "outputs.json", "kopsform.lock", "id_rsa.pub"] {
            fs::copy(root().join("tests/project").join(file), directory.path().join(file)).unwrap();
        }
        let project = Self(directory);
        let template = ["--template", "cluster.yml", "--values", "outputs.json", "--out", "all.yml"];
        succeed(project.command(&["toolbox", "template"]).args(template));
        succeed(&mut project.command(&["replace", "-f", "all.yml", "--force"]));
        succeed(&mut project.command(&["create", "sshpublickey", "-i", "id_rsa.pub"]));
        project
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = kopsform(self.0.path());
        command
            .current_dir(self.0.path())
            .env("KOPS_STATE_STORE", format!("file://{}", self.path("state").display()))
            .env("KOPS_CLUSTER_NAME", CLUSTER)
            .env("KOPSFORM_LOCK", self.path("kopsform.lock"))
            .args(arguments);
        command
    }

    fn update(&self, arguments: &[&str]) -> Command {
        let mut command =
            self.command(&["update", "cluster", "--target", "cloudformation", "--offline", "--out", "out"]);
        command.args(arguments);
        command
    }
}

#[test]
fn what_is_not_in_the_template_is_listed_and_not_written_without_yes() {
    let project = Project::new();
    let said = stdout(&succeed(&mut project.update(&[])));
    assert!(said.contains("objects of the state store"), "{said}");
    assert!(said.contains("aws cloudformation deploy --template-file kubernetes.template.yaml"), "{said}");
    assert!(said.contains("--s3-bucket BUCKET"), "{said}");
    assert!(!project.path("state").join(CLUSTER).join("addons").exists());
    let check = succeed(&mut project.update(&["--check"]));
    assert_eq!(stdout(&check), "");
}

#[test]
fn nested_stacks_after_one_are_a_warning() {
    let project = Project::new();
    succeed(&mut project.update(&[]));
    let output = succeed(&mut project.update(&["--layout", "split"]));
    assert!(stderr(&output).contains("create-stack-refactor"), "{}", stderr(&output));
    assert!(stdout(&output).contains("aws cloudformation package"), "{}", stdout(&output));
    assert!(project.path("out/network.template.yaml").exists() || project.path("out/groups.template.yaml").exists());
    succeed(&mut project.update(&[]));
    assert!(!project.path("out/groups.template.yaml").exists());
}

#[test]
fn flags_that_are_about_terraform_are_refused() {
    let project = Project::new();
    for (flags, message) in [
        (["--provider-blocks", "none"], "--provider-blocks has no effect with --target cloudformation"),
        (["--layout", "module"], "--layout module has no meaning with --target cloudformation"),
    ] {
        let output = project.update(&flags).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(&output).contains(message), "{}", stderr(&output));
        assert!(!project.path("out").exists());
    }
}

#[test]
fn what_a_template_cannot_hold_is_an_error_with_the_location_of_its_field() {
    let project = Project::new();
    let config = project.path("state").join(CLUSTER).join("config");
    let text = fs::read_to_string(&config).unwrap();
    let line = text.lines().count() + 2;
    let bucket = "x".repeat(11_000);
    let statement = format!(r#"[{{"Effect":"Allow","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::{bucket}"]}}]"#);
    fs::write(&config, format!("{text}  additionalPolicies:\n    node: '{statement}'\n")).unwrap();
    let output = project.update(&[]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let place = format!("{}:{line}:11: spec.additionalPolicies.node: the policies of role nodes.", config.display());
    assert!(stderr(&output).contains(&place), "{place}\n{}", stderr(&output));
    assert!(!project.path("out").exists(), "nothing is written");
}

fn templates(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            found.extend(templates(&entry.path()));
        } else if entry.file_name().to_string_lossy().ends_with(".template.yaml") {
            found.push(entry.path());
        }
    }
    found
}

#[test]
fn cfn_lint_finds_nothing_in_the_golden_templates() {
    let Some(python) = std::env::var_os("KOPSFORM_TEST_PYTHON") else {
        return skip("KOPSFORM_TEST_PYTHON is not set to a Python with the packages of tests/requirements.txt");
    };
    let run = "import sys; from cfnlint.runner import main; sys.argv[0] = 'cfn-lint'; main()";
    if !Command::new(&python).args(["-c", "import cfnlint"]).output().is_ok_and(|output| output.status.success()) {
        return skip("cfn-lint is not installed");
    }
    let found = templates(&root().join("golden/cloudformation"));
    assert!(found.len() > 5, "{found:?}");
    let output = Command::new(&python)
        .args(["-c", run, "--regions", "us-east-1", "--format", "json", "--"])
        .args(&found)
        .output()
        .unwrap();
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let rule = |finding: &serde_json::Value| finding["Rule"]["Id"].as_str().unwrap_or_default().to_owned();
    // The formats of ids: those of the examples are invented.
    let is_allowed =
        |rule: &str| rule.starts_with('I') || rule.starts_with("E11") || rule == "E3031" || ALLOWED.contains(&rule);
    let findings: Vec<&serde_json::Value> =
        said.as_array().unwrap().iter().filter(|finding| !is_allowed(&rule(finding))).collect();
    assert!(findings.is_empty(), "{findings:#?}");
}
