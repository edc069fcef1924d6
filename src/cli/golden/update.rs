//! `golden update`.

use super::CasesArgs;
use crate::cli::output::OutputArgs;
use crate::cli::{CliError, Invocation, progress};
use crate::ops::golden::{self, GoldenError, Updated, finding_lines};
use kopsform_diagnostics::exit::ExitCode;
use kopsform_diagnostics::{Explain as _, with_causes};

/// Write rendered cases as their expected files
///
/// Reports changes by meaning. Writes all files of a case or none. Creates the keysets that a case lacks; they are for tests only and
/// marked as such. Writes nothing outside of DIR.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct UpdateArgs {
    #[command(flatten)]
    cases: CasesArgs,
    #[command(flatten)]
    output: OutputArgs,
}

const EXAMPLES: &str = "\
Examples:
  Accept what all cases below golden/ render to, then review the diff
    kopsform golden update
    git diff golden
";

/// What an update of a case did, for `-o json`.
#[derive(Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UpdatedCase<'a> {
    name: &'a str,
    is_new: bool,
    findings: Vec<String>,
    written: &'a [String],
    removed: &'a [String],
    created_keysets: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl<'a> UpdatedCase<'a> {
    pub(super) fn of(updated: &'a Updated) -> Self {
        Self {
            name: &updated.name,
            is_new: updated.is_new,
            findings: finding_lines(&updated.findings).collect(),
            written: &updated.files.written,
            removed: &updated.files.removed,
            created_keysets: &updated.created_keysets,
            error: None,
        }
    }

    fn failed(name: &'a str, error: &GoldenError) -> Self {
        let error = Some(with_causes(error));
        Self { name, is_new: false, findings: Vec::new(), written: &[], removed: &[], created_keysets: &[], error }
    }
}

impl UpdateArgs {
    pub(super) fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let cases = self.cases.cases()?;
        let total = cases.len();
        let progress = |done: usize| progress::phase(&format!("{done} of {total} cases"));
        let results = golden::update(&self.cases.dir, &cases, self.cases.jobs(), &progress)?;
        let failed = results.iter().any(|(_, result)| result.is_err());
        if self.output.is_document() {
            let cases = results.iter().map(|(name, result)| match result {
                Ok(updated) => UpdatedCase::of(updated),
                Err(error) => UpdatedCase::failed(name, error),
            });
            let document = serde_json::json!({ "cases": cases.collect::<Vec<_>>() });
            self.output.report(&invocation.ui, "", &document)?;
        } else {
            for (name, result) in &results {
                match result {
                    Ok(updated) => report(updated, invocation),
                    Err(error) => report_error(name, error, invocation),
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
