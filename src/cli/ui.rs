//! Where output goes: data to stdout, everything else to stderr. The only file that prints.

use std::io::{ErrorKind, IsTerminal as _, Write as _};
use std::sync::{Arc, OnceLock};

use kopsform_diagnostics::exit::ExitCode;
use kopsform_diagnostics::visible;

use super::CliError;

/// The output of one process. Clones share what is known about stdout.
#[derive(Debug, Clone, Default)]
pub struct Ui {
    /// Why data was lost, from the first write to stdout that failed.
    lost: Arc<OnceLock<String>>,
}

impl Ui {
    pub fn new() -> Self {
        Self::default()
    }

    /// Prints text for users. Control characters in names and messages of others are shown as escapes.
    pub fn text(&self, text: &str) {
        self.data(&visible(text));
    }

    /// Prints data for a pipe, exactly as given.
    ///
    /// A command that changes something goes on when it cannot be written. A reader that closed the pipe has read what it
    /// wanted; any other failure is reported by [`Ui::check_output`].
    pub fn data(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
            Err(error) => {
                let _ = self.lost.set(error.to_string());
            }
        }
    }

    /// Fails if data was lost, for the end of a command.
    ///
    /// # Errors
    /// If a write to stdout failed for another reason than a closed pipe.
    pub fn check_output(&self) -> Result<(), CliError> {
        match self.lost.get() {
            Some(reason) => Err(not_written(reason)),
            None => Ok(()),
        }
    }

    /// Prints a line of progress or advice.
    pub fn note(&self, text: &str) {
        line(text);
    }

    /// Shows a line of progress on a terminal, over the one before; an empty one removes it. Elsewhere there is none.
    pub fn progress(&self, text: &str) {
        let mut stderr = std::io::stderr().lock();
        if stderr.is_terminal() {
            let _ = write!(stderr, "\r\x1b[K{}", visible(text)).and_then(|()| stderr.flush());
        }
    }

    pub fn warn(&self, text: &str) {
        line(&format!("warning: {text}"));
    }

    /// Prints the error that ends the program, and returns the exit code.
    pub fn fail(&self, error: &CliError) -> std::process::ExitCode {
        line(&format!("Error: {}", error.message));
        for hint in &error.hints {
            line(&format!("hint: {hint}"));
        }
        std::process::ExitCode::from(error.code as u8)
    }
}

/// Prints what clap has to say: help and versions to stdout, usage errors to stderr. kops exits with 1 on usage errors, where
/// clap would exit with 2.
pub fn usage(error: &clap::Error) -> std::process::ExitCode {
    if error.use_stderr() {
        line(error.render().to_string().trim_end());
        return std::process::ExitCode::from(ExitCode::Error as u8);
    }
    match error.print() {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Ui::new().fail(&not_written(&error.to_string())),
        _ => std::process::ExitCode::from(ExitCode::Done as u8),
    }
}

fn not_written(reason: &str) -> CliError {
    CliError::message(format!("cannot write to standard output: {reason}"))
}

/// Writes a line to stderr. Errors are ignored: there is no other place to report them.
pub(super) fn line(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", visible(text));
}
