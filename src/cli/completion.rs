//! `completion`.

use super::{CliError, Invocation, complete};
use kopsform_diagnostics::exit::ExitCode;

/// Print a completion script for a shell
///
/// The script asks this program for completions: of commands, flags, values and files, and of the names of clusters, instance groups,
/// keysets and secrets in the state store. It has to come from the same release as the program, so let the shell run this command
/// when it starts.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct CompletionArgs {
    /// The shell
    #[arg(value_name = "SHELL", value_parser = ["bash", "elvish", "fish", "powershell", "zsh"])]
    shell: String,
    /// Leave out the descriptions of completions
    #[arg(long, hide = true)]
    no_descriptions: bool,
}

const EXAMPLES: &str = "\
Examples:
  For this shell
    source <(kopsform completion bash)

  For every new bash
    echo 'source <(kopsform completion bash)' >> ~/.bashrc

  For every new zsh, after compinit
    echo 'source <(kopsform completion zsh)' >> ~/.zshrc

  For every new fish
    echo 'kopsform completion fish | source' >> ~/.config/fish/config.fish
";

impl CompletionArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let script = complete::script(&self.shell)?;
        if self.no_descriptions && self.shell != "bash" {
            invocation.ui.warn("--no-descriptions has no effect: the shell shows them");
        }
        invocation.ui.data(&script);
        Ok(ExitCode::Done)
    }
}
