//! Runs Terraform as a user would.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::provider::Provider;
use super::{clean, skip, succeed, tool};

/// Provider blocks that users have in their own files.
pub const PROVIDERS: &str = r#"provider "aws" {
  region = "us-east-1"
}

provider "aws" {
  alias  = "files"
  region = "us-east-1"
}
"#;

/// Lets the garbage collectors of Terraform and its provider run less often: they took a fifth of the CPU time.
pub const GARBAGE_COLLECTION: (&str, &str) = ("GOGC", "300");

/// Names providers that run already.
pub const REATTACH: &str = "TF_REATTACH_PROVIDERS";

/// Terraform, with providers from a mirror if there is one.
pub struct Terraform {
    home: tempfile::TempDir,
    program: PathBuf,
    provider: OnceLock<Provider>,
}

impl Terraform {
    /// Returns `None`, after [`skip`], if Terraform is not installed.
    pub fn find() -> Option<Self> {
        let Some(program) = tool("terraform") else {
            skip("terraform is not installed");
            return None;
        };
        let home = tempfile::tempdir().unwrap();
        let config = plugin_mirror().map_or_else(String::new, |mirror| {
            format!("provider_installation {{\n  filesystem_mirror {{\n    path = {mirror:?}\n  }}\n}}\n")
        });
        fs::write(home.path().join("terraformrc"), config).unwrap();
        Some(Self { home, program, provider: OnceLock::new() })
    }

    /// Terraform with these arguments in a directory.
    pub fn command(&self, directory: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        clean(&mut command, self.home.path());
        command
            .args(arguments)
            .current_dir(directory)
            .env("TF_CLI_CONFIG_FILE", self.home.path().join("terraformrc"))
            .env("TF_DATA_DIR", self.home.path().join("data"))
            .env("CHECKPOINT_DISABLE", "1")
            .env(GARBAGE_COLLECTION.0, GARBAGE_COLLECTION.1);
        if let Some(provider) = self.provider.get() {
            command.env(REATTACH, &provider.address);
        }
        command
    }

    /// Starts the provider once for all commands from now on: see [`Provider`]. `connect` lets it reach AWS.
    pub fn keep_provider(&self, connect: impl FnOnce(&mut Command)) {
        let started = plugin_mirror().and_then(|mirror| Provider::start(&mirror, self.home.path(), connect));
        if let Some(provider) = started {
            assert!(self.provider.set(provider).is_ok(), "the provider was started before");
        }
    }

    /// Fails if `terraform fmt` would change something.
    #[track_caller]
    pub fn assert_formatted(&self, directory: &Path) {
        succeed(&mut self.command(directory, &["fmt", "-check", "-diff", "-recursive"]));
    }

    /// Returns false, after [`skip`], if the AWS provider is not available.
    #[track_caller]
    pub fn initializes(&self, directory: &Path) -> bool {
        let mut command = self.command(directory, &["init", "-backend=false", "-input=false", "-no-color"]);
        // With a provider that runs already, the required version would not be compared.
        let output = command.env_remove(REATTACH).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if !output.status.success() && said.contains("Failed to query available provider packages") {
            skip("terraform finds no AWS provider");
            return false;
        }
        assert!(output.status.success(), "{said}");
        true
    }

    /// Returns false, after [`skip`], if the AWS provider is not available. Plans and applies validate as well.
    #[track_caller]
    pub fn validates(&self, directory: &Path) -> bool {
        if !self.initializes(directory) {
            return false;
        }
        succeed(&mut self.command(directory, &["validate", "-no-color"]));
        true
    }

    /// The same for several directories below one, as modules of one configuration: Terraform reads what the provider knows once
    /// for all of them, which takes longer than everything else.
    #[track_caller]
    pub fn validates_each<Name: AsRef<str>>(&self, parent: &Path, directories: impl IntoIterator<Item = Name>) -> bool {
        let calls = directories.into_iter().enumerate().map(|(number, directory)| {
            format!("module \"configuration_{number}\" {{\n  source = \"./{}\"\n}}\n", directory.as_ref())
        });
        fs::write(parent.join("every_configuration.tf"), calls.collect::<String>()).unwrap();
        self.validates(parent)
    }
}

/// Fails if a plan has changes. `command` returns Terraform with arguments, in the directory that was applied.
#[cfg(feature = "aws")]
#[track_caller]
pub fn assert_nothing_to_do(command: impl Fn(&[&str]) -> Command) {
    let output = command(&["plan", "-detailed-exitcode", "-input=false", "-no-color"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
}

/// A directory of provider packages, as `terraform providers mirror` creates it: from `KOPSFORM_TEST_PROVIDERS`, or below a usual
/// directory for local software.
fn plugin_mirror() -> Option<PathBuf> {
    if let Some(mirror) = std::env::var_os("KOPSFORM_TEST_PROVIDERS") {
        return Some(mirror.into());
    }
    let directories =
        ["/opt", "/usr/local/share", "/usr/share"].iter().filter_map(|directory| fs::read_dir(directory).ok());
    directories.flatten().flatten().map(|entry| entry.path()).find(|path| path.join("registry.terraform.io").is_dir())
}
