//! Compares what cases render to with their expected files.

use std::path::PathBuf;

use super::render::{self, MakeKeysets};
use super::{Case, GoldenError, Shared};
use kopsform_compare::{Finding, Severity};

/// How a case compares.
#[derive(Debug)]
pub enum Outcome {
    /// The differences from the expected files to the rendered ones; none if the bytes are the same.
    Compared(Vec<Finding>),
    /// There are no expected files yet.
    NoOutput,
    /// It cannot be rendered.
    Failed(GoldenError),
}

/// The result for a case.
#[derive(Debug)]
pub struct CaseReport {
    pub name: String,
    /// The directory of the expected files, or of the case if its project cannot be read.
    pub out: PathBuf,
    pub outcome: Outcome,
}

impl CaseReport {
    /// The differences of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        match &self.outcome {
            Outcome::Compared(findings) => findings.iter().filter(|finding| finding.severity == severity).count(),
            _ => 0,
        }
    }

    pub fn is_as_expected(&self) -> bool {
        matches!(&self.outcome, Outcome::Compared(findings) if findings.is_empty())
    }
}

/// Renders cases on `jobs` threads and compares them with their expected files. Nothing is written. `done` is called with the
/// number of cases that are finished.
///
/// # Errors
/// If no thread can be started. What is wrong with a case is in its report.
pub fn check(cases: &[Case], jobs: usize, done: &(dyn Fn(usize) + Sync)) -> Result<Vec<CaseReport>, GoldenError> {
    let shared = Shared::default();
    render::each(cases, jobs, done, &|case, runtime| match render::open(case) {
        Err(error) => CaseReport { name: case.name.clone(), out: case.dir.clone(), outcome: Outcome::Failed(error) },
        Ok(opened) => {
            let compare = || -> Result<Outcome, GoldenError> {
                let Some(expected) = opened.expected()? else { return Ok(Outcome::NoOutput) };
                let rendered = runtime.block_on(opened.render(&shared, MakeKeysets::No))?;
                Ok(Outcome::Compared(kopsform_compare::compare(&expected, &render::compared(&rendered))))
            };
            let outcome = compare().unwrap_or_else(Outcome::Failed);
            CaseReport { name: case.name.clone(), out: opened.out.clone(), outcome }
        }
    })
}
