//! `--allow`: rules of validation that are switched off.

use super::{CliError, Invocation};
use crate::project::{self, FILE_NAME};
use kopsform_diagnostics::Allowed;

/// Rules that are switched off.
#[derive(Debug, Clone, clap::Args)]
pub struct AllowArgs {
    /// Leave out findings of a rule, such as surprising-default; can be repeated. What kops refuses stays an error
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    allow: Vec<String>,
}

impl AllowArgs {
    /// The rules of the flag and those of `validate.allow` in the `kopsform.yaml` of the working directory, if there is one.
    ///
    /// # Errors
    /// If a name is not a rule, or one that is never switched off.
    pub fn rules(&self, invocation: &Invocation) -> Result<Allowed, CliError> {
        let own = self.given()?;
        let Ok(text) = std::fs::read_to_string(FILE_NAME) else { return Ok(own) };
        match project::read(FILE_NAME, &text) {
            Ok(project) => Ok(own.and(project.object.allowed())),
            Err(_) => {
                // `sync` says what is wrong with it; other commands do not need it.
                invocation.ui.warn(&format!("{FILE_NAME} is invalid, so its validate.allow is not used"));
                Ok(own)
            }
        }
    }

    /// The rules of the flag alone.
    ///
    /// # Errors
    /// As [`AllowArgs::rules`].
    pub fn given(&self) -> Result<Allowed, CliError> {
        Ok(Allowed::of(self.allow.iter().map(String::as_str))?)
    }
}
