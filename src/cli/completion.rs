//! `completion`.

use clap_complete::Shell;

use super::{CliError, Invocation};
use kopsform_diagnostics::exit::ExitCode;

/// Print a completion script for a shell
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

  For every new shell
    kopsform completion bash > ~/.local/share/bash-completion/completions/kopsform
    kopsform completion zsh > \"${fpath[1]}/_kopsform\"
    kopsform completion fish > ~/.config/fish/completions/kopsform.fish
";

impl CompletionArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let shell = <Shell as clap::ValueEnum>::from_str(&self.shell, true).map_err(CliError::message)?;
        if self.no_descriptions && shell != Shell::Bash {
            invocation.ui.warn("--no-descriptions has no effect: the script has descriptions");
        }
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut super::command(), super::NAME, &mut script);
        invocation.ui.data(&String::from_utf8_lossy(&script));
        Ok(ExitCode::Done)
    }
}
