//! YAML text to a tree in which each value knows its place, and back.
//!
//! Reading follows what kops reads: YAML 1.1 words (`yes`, `off`, `0x1F`, `1_000`), merge keys, JSON as a subset, several
//! documents in a text. Unlike kops, a key that stands twice is a finding, and a text that unfolds into far more than was
//! written is refused. Writing gives the bytes kops would write: sorted keys, sequences flush with their key, quotes only
//! where a word would otherwise mean something else.

pub mod changes;
mod emit;
mod node;
mod parse;
mod scalar;
mod source;

pub use emit::to_string;
pub use node::{Entry, Kind, Node, Position};
pub use parse::{Document, MAX_BYTES, MAX_NODES, Parsed, parse};
pub use scalar::{Resolved, Scalar};
pub use source::Source;

use kopsform_diagnostics::{Finding, Report, Rule};

/// Reads a text of one document as a typed value, without checks for unknown fields.
///
/// # Errors
/// All syntax errors and duplicate keys, or the first value of a wrong type.
pub fn from_str<T: serde::de::DeserializeOwned>(name: &str, text: &str) -> Result<T, Report> {
    let parsed = parse(name, text);
    if !parsed.report.is_empty() {
        return Err(parsed.report);
    }
    let fail = |finding: Finding| Report { findings: vec![finding] };
    let document = match parsed.documents.as_slice() {
        [document] => document,
        [] => {
            return Err(fail(
                Finding::error(Rule::EmptyFile, "", "there is nothing in it").at(parsed.source.location(1, 1)),
            ));
        }
        [_, second, ..] => {
            return Err(fail(
                Finding::error(Rule::SeveralDocuments, "", "only one document is expected here")
                    .at(parsed.source.place(second.root.position)),
            ));
        }
    };
    serde_path_to_error::deserialize(document.root.to_json()).map_err(|error| {
        let path = error.path().to_string();
        let position = document.root.position_of(&path).unwrap_or(document.root.position);
        let mut finding =
            Finding::error(Rule::WrongType, path, error.into_inner().to_string()).at(parsed.source.place(position));
        finding.excerpt = parsed.source.line(position.line).map(str::to_owned);
        fail(finding)
    })
}
