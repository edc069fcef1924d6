//! `toolbox template`: renders templates with values.

mod channel_functions;
mod eval_context;
mod files;
mod json;
mod render;
mod strvals;
mod values;

pub use channel_functions::ChannelSource;
pub use eval_context::{eval_context, write_text};
pub use files::expand;
pub use render::{RenderOptions, Rendered, Templates, Text, load_templates};
pub use values::{Values, ValuesOptions, load_values};

use std::path::PathBuf;

use kopsform_diagnostics::{Explain, Report};

/// Why templates could not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// A file or directory could not be read.
    #[error("cannot read {what} {path}: {source}", path = .path.display())]
    Read {
        /// `values file`, `template` or `snippet`.
        what: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// A file is not UTF-8.
    #[error("cannot read {what} {path}: it is not valid UTF-8", path = .path.display())]
    NotText {
        /// `values file`, `template` or `snippet`.
        what: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// A snippet has the name kops gives to the template itself.
    #[error("snippet cannot have the same name as the template: {0}")]
    SnippetName(String),
    /// A value of the command line is invalid.
    #[error("failed parsing --{flag} data: {reason}")]
    Set {
        /// `set` or `set-string`.
        flag: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Values or templates have errors.
    #[error(transparent)]
    Invalid(#[from] Report),
}

impl Explain for TemplateError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Set { .. } => vec!["values look like a.b=1, list[0]=x or list={x,y}".to_owned()],
            _ => Vec::new(),
        }
    }
}
