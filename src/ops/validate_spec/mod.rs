//! `validate spec`: finds every mistake in files, without network, cloud or store.

mod render;

pub use render::{Format, render};

use super::documents::Text;
use crate::api::decode::{Decoding, Strictness, decode};
use crate::api::validation::{Rules, tidy, validate_files};
use crate::diagnostics::Report;
use crate::features::Features;

/// Checks texts that belong together; `strict` makes warnings errors.
pub fn run(texts: &[Text], features: &Features, strict: bool) -> Report {
    let mut decodings: Vec<Decoding> =
        texts.iter().map(|text| decode(&text.name, &text.content, Strictness::Strict)).collect();
    let mut report = Report::default();
    for decoding in &mut decodings {
        report.extend(std::mem::take(&mut decoding.report));
    }
    report.extend(validate_files(&decodings, &Rules { strictness: Strictness::Strict, features }));
    let mut report = tidy(report);
    if strict {
        report.make_strict();
    }
    report
}
