//! `toolbox template`: values and templates to text.

mod channel_functions;
mod eval_context;
mod files;
mod render;
mod strvals;
mod values;

pub use channel_functions::ChannelSource;
pub use eval_context::{channel_source, eval_context, write_text};
pub use files::expand;
pub use render::{RenderOptions, Rendered, Text, render};
pub use values::{Values, ValuesOptions, load_values};

use std::path::PathBuf;

use kopsform_diagnostics::{Explain, Report};

/// Why templates could not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// A file or folder could not be read.
    #[error("cannot read {what} {path}: {source}", path = .path.display())]
    Read {
        /// `values file`, `template` or `snippet`.
        what: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file is no text.
    #[error("cannot read {what} {path}: it is not UTF-8 text", path = .path.display())]
    NotText {
        /// `values file`, `template` or `snippet`.
        what: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// A snippet would hide the template itself.
    #[error("snippet cannot have the same name as the template: {0}")]
    SnippetName(String),
    /// A value given on the command line is wrong.
    #[error("failed parsing --{flag} data: {reason}")]
    Set {
        /// `set` or `set-string`.
        flag: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Values or templates have mistakes.
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
