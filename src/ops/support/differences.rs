//! What a command would write, for `--check`.

use serde::Serialize;

use kopsform_state::Write;
use kopsform_terraform::Change;

/// A file or object that is not as it would be written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Difference {
    /// A path, or the address of an object in the state store.
    pub location: String,
    pub change: Change,
}

impl Difference {
    pub fn new(location: impl Into<String>, change: Change) -> Self {
        Self { location: location.into(), change }
    }

    /// The difference that a write makes; `None` if it changes nothing.
    pub fn of_write(write: &Write) -> Option<Self> {
        let change = match (&write.before, &write.after) {
            _ if !write.is_change() => return None,
            (None, _) => Change::New,
            (Some(_), Some(_)) => Change::Changed,
            (Some(_), None) => Change::Removed,
        };
        Some(Self::new(write.store.url(&write.key), change))
    }
}

/// `changed  out/kubernetes.tf`.
impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:<8} {}", self.change, self.location)
    }
}
