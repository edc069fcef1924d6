//! Parses YAML into a tree in which each value has its location, and writes YAML.
//!
//! Parsing follows kops: YAML 1.1 scalars (`yes`, `off`, `0x1F`, `1_000`), merge keys, JSON as a subset, several documents.
//! Unlike in kops, duplicate keys are errors, and so are documents that expand to far more than was written. Output is byte
//! for byte that of kops: sorted keys, sequences not indented below their key, quotes only where a scalar would otherwise mean
//! something else.

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

/// Parses one document as a typed value; unknown fields are ignored.
///
/// # Errors
/// All syntax errors and duplicate keys, or the first value of a wrong type.
pub fn from_str<T: serde::de::DeserializeOwned>(name: &str, text: &str) -> Result<T, Report> {
    let parsed = parse(name, text);
    if !parsed.report.is_empty() {
        return Err(parsed.report);
    }
    let fail = |finding: Finding| Report::from(finding);
    let document = match parsed.documents.as_slice() {
        [document] => document,
        [] => {
            return Err(fail(
                Finding::error(Rule::EmptyFile, "", "the file is empty").at(parsed.source.location(1, 1)),
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
        finding.excerpt = parsed.source.excerpt(position.line as usize, position.column as usize);
        fail(finding)
    })
}
