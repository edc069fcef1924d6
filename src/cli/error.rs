//! The one place where errors become a message, hints and an exit code.

use kopsform_diagnostics::exit::ExitCode;
use kopsform_diagnostics::{Explain, with_causes};

/// An error as the user sees it.
#[derive(Debug)]
pub struct CliError {
    /// Printed after `error: `.
    pub message: String,
    /// What to do about it; each is printed on a line after `hint: `.
    pub hints: Vec<String>,
    pub code: ExitCode,
}

impl CliError {
    pub fn message(message: impl Into<String>) -> Self {
        Self { message: message.into(), hints: Vec::new(), code: ExitCode::Error }
    }

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
