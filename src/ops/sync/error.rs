//! Errors of a sync.

use std::fmt;

use super::secrets::Secrets;
use super::steps::Step;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_diagnostics::{Explain, Report, with_causes};

/// A step that failed. Messages and hints contain no sensitive values; the causes could, and are not available.
#[derive(Debug)]
pub struct SyncError {
    pub step: Step,
    message: String,
    hints: Vec<String>,
    code: ExitCode,
}

impl SyncError {
    pub(super) fn of(step: Step, error: &dyn Explain, secrets: &Secrets) -> Self {
        let hints = error.hints().iter().map(|hint| secrets.clean(hint)).collect();
        Self { step, message: secrets.clean(&with_causes(error)), hints, code: error.exit_code() }
    }

    pub(super) fn report(step: Step, mut report: Report, secrets: &Secrets) -> Self {
        report.sort();
        secrets.clean_report(&mut report);
        Self { step, message: report.to_string(), hints: Vec::new(), code: ExitCode::Error }
    }

    pub(super) fn message(step: Step, message: String, hint: &str) -> Self {
        Self { step, message, hints: vec![hint.to_owned()], code: ExitCode::Error }
    }
}

impl fmt::Display for SyncError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for SyncError {}

impl Explain for SyncError {
    fn hints(&self) -> Vec<String> {
        self.hints.clone()
    }

    fn exit_code(&self) -> ExitCode {
        self.code
    }
}
