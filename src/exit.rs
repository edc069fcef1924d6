//! The exit codes of the program.

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitCode {
    /// Done, or nothing to do.
    Done = 0,
    /// An error; nothing was left half done.
    Error = 1,
    /// A change is needed (`--detailed-exitcode`, `--dry-run`, `pki report`).
    ChangeNeeded = 2,
    /// Stopped by the person.
    Stopped = 3,
}
