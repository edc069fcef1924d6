//! Terraform's AWS provider as one process for all commands of a test.
//!
//! Terraform starts the provider for each command, and again for each alias of it: seconds of CPU time that say nothing about the
//! files under test. A provider that runs already is given to it in `TF_REATTACH_PROVIDERS`, as developers of providers do it. All
//! aliases share one configuration then, so this is for files whose provider blocks differ in their alias only.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use super::terraform::GARBAGE_COLLECTION;

/// Serves until standard input ends, as it does when the test is killed.
const UNTIL_INPUT_ENDS: &str = "\"$0\" -debug & read -r _; kill $!; wait";
const VARIABLE: &str = "TF_REATTACH_PROVIDERS=";

/// A running provider, which ends when this is dropped.
pub struct Provider {
    process: Child,
    output: BufReader<ChildStdout>,
    /// What `TF_REATTACH_PROVIDERS` has to be.
    pub address: String,
}

impl Provider {
    /// Starts the one version of the provider in a mirror of unpacked packages; `None` if it has none or several. `connect` sets
    /// the environment with which the provider reaches AWS.
    pub fn start(mirror: &Path, home: &Path, connect: impl FnOnce(&mut Command)) -> Option<Self> {
        let mut command = Command::new("sh");
        command.arg("-c").arg(UNTIL_INPUT_ENDS).arg(only_provider(mirror)?);
        super::clean(&mut command, home);
        connect(&mut command);
        // Its socket is among the temporary files. Each request would be logged.
        command.env("TMPDIR", home).env("TF_LOG_SDK", "off").env("TF_LOG_PROVIDER", "off");
        command.env(GARBAGE_COLLECTION.0, GARBAGE_COLLECTION.1);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        // From here on, the process is waited for whatever happens.
        let mut provider = Self { process, output, address: String::new() };
        while provider.address.is_empty() {
            let mut line = String::new();
            assert!(provider.output.read_line(&mut line).unwrap() > 0, "{command:?} has ended");
            if let Some((_, address)) = line.split_once(VARIABLE) {
                address.trim().trim_matches('\'').clone_into(&mut provider.address);
            }
        }
        Some(provider)
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        _ = self.process.wait();
    }
}

/// The program of the provider, if a mirror has exactly one version of it for this machine.
fn only_provider(mirror: &Path) -> Option<PathBuf> {
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };
    let versions = fs::read_dir(mirror.join("registry.terraform.io/hashicorp/aws")).ok()?;
    let mut programs = versions
        .filter_map(Result::ok)
        .filter_map(|version| fs::read_dir(version.path().join(format!("linux_{architecture}"))).ok())
        .flat_map(|package| package.filter_map(Result::ok).map(|file| file.path()))
        .filter(|path| {
            path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"terraform-provider-aws"))
        });
    programs.next().filter(|_| programs.next().is_none())
}
