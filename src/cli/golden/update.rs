//! `golden update`.

use super::CasesArgs;
use crate::cli::{CliError, Invocation};
use crate::ops::golden::{self, GoldenError, Updated, finding_lines};
use kopsform_diagnostics::exit::ExitCode;
use kopsform_diagnostics::{Explain as _, with_causes};

/// Write what cases render to as their expected files
///
/// Reports what changes by meaning. All files of a case are written or none. Keysets that a case lacks are made; they are for tests
/// only and marked as such. Nothing is written outside of DIR.
#[derive(Debug, clap::Args)]
pub(super) struct UpdateArgs {
    #[command(flatten)]
    cases: CasesArgs,
}

impl UpdateArgs {
    pub(super) fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let cases = self.cases.cases()?;
        let ui = &invocation.ui;
        let total = cases.len();
        let progress = |done: usize| ui.progress(&format!("{done} of {total} cases"));
        let results = golden::update(&self.cases.dir, &cases, self.cases.jobs(), &progress)?;
        ui.progress("");
        let mut failed = false;
        for (name, result) in results {
            match result {
                Ok(updated) => report(&updated, invocation),
                Err(error) => {
                    failed = true;
                    report_error(&name, &error, invocation);
                }
            }
        }
        Ok(if failed { ExitCode::Error } else { ExitCode::Done })
    }
}

/// Prints what an update of a case did.
pub(super) fn report(updated: &Updated, invocation: &Invocation) {
    let ui = &invocation.ui;
    let Updated { name, findings, is_new, files, foreign, created_keysets, .. } = updated;
    for line in finding_lines(findings) {
        ui.text(&format!("{name}: {line}\n"));
    }
    let (written, removed) = (files.written.len(), files.removed.len());
    if *is_new {
        ui.text(&format!("{name}: new, {written} files\n"));
    } else if written == 0 && removed == 0 {
        ui.text(&format!("{name}: unchanged\n"));
    } else {
        ui.text(&format!("{name}: {written} files written, {removed} removed\n"));
    }
    if !created_keysets.is_empty() {
        ui.note(&format!("{name}: created keysets for tests: {}", created_keysets.join(", ")));
    }
    for file in foreign {
        ui.warn(&format!("{name}: {file} in the output directory is not part of it: move or delete it"));
    }
}

fn report_error(name: &str, error: &GoldenError, invocation: &Invocation) {
    invocation.ui.text(&format!("{name}: error: {}\n", with_causes(error)));
    for hint in error.hints() {
        invocation.ui.text(&format!("  hint: {hint}\n"));
    }
}
