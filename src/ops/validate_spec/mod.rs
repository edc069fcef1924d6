//! `validate spec`: validates files without network, cloud or state store.

mod render;

pub use render::{Format, render};

use super::support::documents::InputFile;
use kopsform_diagnostics::{Allowed, Report};
use kopsform_env::features::Features;
use kopsform_spec::decode::{Decoding, Strictness, decode};
use kopsform_spec::validation::{Rules, tidy, validate_files};

/// Validates files that belong together; `strict` reports warnings as errors.
pub fn run(files: &[InputFile], features: &Features, strict: bool, allowed: Allowed) -> Report {
    let (_, mut report) = check(files, features, Strictness::Strict);
    report.allow(allowed);
    if strict {
        report.make_strict();
    }
    report
}

/// Validates files that belong together, and returns their objects.
pub fn check(files: &[InputFile], features: &Features, strictness: Strictness) -> (Vec<Decoding>, Report) {
    let mut decodings: Vec<Decoding> = files.iter().map(|file| decode(&file.name, &file.content, strictness)).collect();
    let mut report = Report::default();
    for decoding in &mut decodings {
        report.extend(std::mem::take(&mut decoding.report));
    }
    report.extend(validate_files(&decodings, &Rules { strictness, features }));
    (decodings, tidy(report))
}
