//! The one place where errors of the library become text, hints and an exit code.

use kopsform_diagnostics::exit::ExitCode;
use kopsform_diagnostics::{Explain, with_causes};

/// An error as a person sees it.
#[derive(Debug)]
pub struct CliError {
    /// What went wrong; printed after `Error: `.
    pub message: String,
    /// What to do about it, one line each.
    pub hints: Vec<String>,
    /// How the program ends.
    pub code: ExitCode,
}

impl CliError {
    /// An error with a message only.
    pub fn message(message: impl Into<String>) -> Self {
        Self { message: message.into(), hints: Vec::new(), code: ExitCode::Error }
    }

    /// Adds a remedy.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl<E: Explain> From<E> for CliError {
    fn from(error: E) -> Self {
        Self { message: with_causes(&error), hints: error.hints(), code: error.exit_code() }
    }
}
