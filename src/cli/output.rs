//! Output for programs: one document on stdout, as JSON or YAML, instead of text.
//!
//! docs/json-output.md describes the documents. Names of fields are in lower camel case and stable: a release may add fields, and
//! does not rename or remove them.

use serde::Serialize;
use serde_json::Value;

use super::style::Paint;
use super::ui::Ui;
use super::{CliError, Invocation};

/// How a command reports its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// For users
    #[default]
    Text,
    /// A JSON document
    Json,
    /// A YAML document
    Yaml,
}

/// The flag of commands that report their result to users or to programs.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct OutputArgs {
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    pub output: Format,
}

impl OutputArgs {
    /// Prints the result: text, or else the document.
    ///
    /// # Errors
    /// If the document cannot be encoded.
    pub fn report<T: Serialize>(self, ui: &Ui, text: &str, document: &T) -> Result<(), CliError> {
        match self.output {
            Format::Text => ui.painted(Paint::States, text),
            format => ui.data(&encoded(document, format)?),
        }
        Ok(())
    }

    /// Whether a program reads the result.
    pub fn is_document(self) -> bool {
        self.output != Format::Text
    }
}

/// A value as a document that ends with a line break.
///
/// # Errors
/// If it cannot be encoded.
pub fn encoded<T: Serialize>(document: &T, format: Format) -> Result<String, CliError> {
    let failed = |error: serde_json::Error| CliError::message(format!("cannot write the result: {error}"));
    Ok(match format {
        Format::Yaml => kopsform_yaml::to_string(&serde_json::to_value(document).map_err(failed)?),
        Format::Json | Format::Text => {
            let mut text = serde_json::to_string_pretty(document).map_err(failed)?;
            text.push('\n');
            text
        }
    })
}

/// A format of an operation, or its JSON document as YAML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rendered<F> {
    As(F),
    Yaml,
}

impl<F: Copy> Rendered<F> {
    /// The format to ask the operation for.
    pub fn format(self, json: F) -> F {
        match self {
            Self::As(format) => format,
            Self::Yaml => json,
        }
    }

    /// What the operation rendered, as it is printed.
    ///
    /// # Errors
    /// If the operation rendered no JSON.
    pub fn text(self, rendered: String) -> Result<String, CliError> {
        match self {
            Self::As(_) => Ok(rendered),
            Self::Yaml => {
                let document: Value = serde_json::from_str(&rendered)
                    .map_err(|error| CliError::message(format!("cannot write the result: {error}")))?;
                encoded(&document, Format::Yaml)
            }
        }
    }
}

/// Prints what an operation rendered: text for users, or a document for programs.
///
/// # Errors
/// If the document cannot be encoded.
pub fn print<F: Copy + PartialEq>(
    invocation: &Invocation,
    output: Rendered<F>,
    paint: Option<Paint>,
    rendered: String,
) -> Result<(), CliError> {
    let text = output.text(rendered)?;
    match paint {
        Some(paint) => invocation.ui.painted(paint, &text),
        None => invocation.ui.data(&text),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn json_and_yaml_are_the_same_document() {
        let document = serde_json::json!({ "clusterName": "c", "changed": true, "groups": ["a", "b"] });
        let json: Value = serde_json::from_str(&encoded(&document, Format::Json).unwrap()).unwrap();
        let yaml: Value = kopsform_yaml::from_str("", &encoded(&document, Format::Yaml).unwrap()).unwrap();
        assert_eq!((&json, &yaml), (&document, &document));
        let rendered = Rendered::<()>::Yaml.text(document.to_string()).unwrap();
        assert_eq!(kopsform_yaml::from_str::<Value>("", &rendered).unwrap(), document);
        assert!(Rendered::<()>::Yaml.text("not json".to_owned()).is_err());
    }
}
