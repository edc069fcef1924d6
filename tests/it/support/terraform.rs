//! Terraform itself, as a person would run it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{clean, skip, succeed, tool};

/// The providers a person has in files of their own.
pub const PROVIDERS: &str = r#"provider "aws" {
  region = "us-east-1"
}

provider "aws" {
  alias  = "files"
  region = "us-east-1"
}
"#;

/// Terraform in a folder, with providers from a mirror where there is one.
pub struct Terraform {
    home: tempfile::TempDir,
    program: PathBuf,
}

impl Terraform {
    /// `None`, after [`skip`], where Terraform is not installed.
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
        Some(Self { home, program })
    }

    /// Terraform with these arguments in a folder.
    pub fn command(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        clean(&mut command, self.home.path());
        command
            .args(arguments)
            .current_dir(folder)
            .env("TF_CLI_CONFIG_FILE", self.home.path().join("terraformrc"))
            .env("TF_DATA_DIR", self.home.path().join("data"))
            .env("CHECKPOINT_DISABLE", "1");
        command
    }

    /// Fails where `terraform fmt` would change something.
    #[track_caller]
    pub fn assert_formatted(&self, folder: &Path) {
        succeed(&mut self.command(folder, &["fmt", "-check", "-diff", "-recursive"]));
    }

    /// Says false, after [`skip`], where the AWS provider cannot be had.
    #[track_caller]
    pub fn validates(&self, folder: &Path) -> bool {
        let output = self.command(folder, &["init", "-backend=false", "-input=false", "-no-color"]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if !output.status.success() && said.contains("Failed to query available provider packages") {
            skip("terraform finds no AWS provider");
            return false;
        }
        assert!(output.status.success(), "{said}");
        succeed(&mut self.command(folder, &["validate", "-no-color"]));
        true
    }
}

/// Fails where a plan would still change something. `command` is Terraform with arguments, in the folder that was applied.
#[cfg(feature = "aws")]
#[track_caller]
pub fn assert_nothing_to_do(command: impl Fn(&[&str]) -> Command) {
    let output = command(&["plan", "-detailed-exitcode", "-input=false", "-no-color"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
}

/// A folder of provider packages, as `terraform providers mirror` makes them: the one that `KOPSFORM_TEST_PROVIDERS`
/// names, or one among the places where software that is not packaged lies.
fn plugin_mirror() -> Option<PathBuf> {
    if let Some(mirror) = std::env::var_os("KOPSFORM_TEST_PROVIDERS") {
        return Some(mirror.into());
    }
    let folders = ["/opt", "/usr/local/share", "/usr/share"].iter().filter_map(|folder| fs::read_dir(folder).ok());
    folders.flatten().flatten().map(|entry| entry.path()).find(|path| path.join("registry.terraform.io").is_dir())
}
