//! How the files of an output directory, which a program writes again and again, differ from what would be written.

use serde::Serialize;

/// What happens to files that another program or a user wrote or edited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ForeignFiles {
    /// They are an error, before anything is written.
    #[default]
    Keep,
    /// They are replaced, and removed if an earlier run had written them.
    Overwrite,
}

/// How something differs from what would be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It does not exist.
    New,
    /// It has another content.
    Changed,
    /// It would be removed.
    Removed,
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Removed => "removed",
        })
    }
}
