//! `--allow`: rules of validation that are switched off.

use super::{CliError, Invocation};
use kopsform_diagnostics::Allowed;

/// Rules that are switched off.
#[derive(Debug, Clone, clap::Args)]
pub struct AllowArgs {
    /// Leave out findings of a rule, such as surprising-default; can be repeated. What kops refuses stays an error
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    allow: Vec<String>,
}

impl AllowArgs {
    /// The rules of the flag, and those of `validate.allow` in the project file, if there is one.
    ///
    /// # Errors
    /// If a name is not a rule, or one that is never switched off; or if the project file is invalid.
    pub fn rules(&self, invocation: &Invocation) -> Result<Allowed, CliError> {
        let project = invocation.project()?.map(|project| project.allowed);
        Ok(self.given()?.and(project.unwrap_or_default()))
    }

    /// The rules of the flag alone.
    ///
    /// # Errors
    /// As [`AllowArgs::rules`].
    pub fn given(&self) -> Result<Allowed, CliError> {
        Ok(Allowed::of(self.allow.iter().map(String::as_str))?)
    }
}
