//! `validate spec`: validates files without network, cloud or state store.

mod render;

pub use render::{Format, render};

use super::support::documents::InputFile;
use kopsform_diagnostics::Report;
use kopsform_env::features::Features;
use kopsform_spec::decode::{Decoding, Strictness, decode};
use kopsform_spec::validation::{Rules, tidy, validate_files};

/// Checks texts that belong together; `strict` makes warnings errors.
pub fn run(texts: &[InputFile], features: &Features, strict: bool) -> Report {
    let (_, mut report) = check(texts, features, Strictness::Strict);
    if strict {
        report.make_strict();
    }
    report
}

/// Checks texts that belong together, and gives their objects.
pub fn check(texts: &[InputFile], features: &Features, strictness: Strictness) -> (Vec<Decoding>, Report) {
    let mut decodings: Vec<Decoding> = texts.iter().map(|text| decode(&text.name, &text.content, strictness)).collect();
    let mut report = Report::default();
    for decoding in &mut decodings {
        report.extend(std::mem::take(&mut decoding.report));
    }
    report.extend(validate_files(&decodings, &Rules { strictness, features }));
    (decodings, tidy(report))
}
