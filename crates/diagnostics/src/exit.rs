//! The exit codes of the program.

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitCode {
    /// Done, or nothing to do.
    Done = 0,
    /// An error.
    Error = 1,
    /// A change is needed (`--detailed-exitcode`, `--dry-run`, `pki report`), or something was found (`check`, `diff`).
    ChangeNeeded = 2,
    /// Stopped by the user.
    Stopped = 3,
    /// A defect of the program (`EX_SOFTWARE` of sysexits.h).
    Internal = 70,
}

/// The exit codes with what they mean, for the documentation.
pub const MEANINGS: &[(ExitCode, &str)] = &[
    (ExitCode::Done, "done, or nothing to do"),
    (ExitCode::Error, "an error"),
    (
        ExitCode::ChangeNeeded,
        "a change is needed (`--check`, `--detailed-exitcode`, `--dry-run`, `pki report --warn`), or \
         something was found (`check plan`, `diff`, `golden check`)",
    ),
    (ExitCode::Stopped, "stopped by the user"),
    (ExitCode::Internal, "a defect of this program"),
];
