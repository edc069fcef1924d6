//! Where output goes: data to stdout, everything else to stderr. The only file that prints.

use std::io::{ErrorKind, Write as _};
use std::sync::{Arc, OnceLock};

use kopsform_diagnostics::exit::ExitCode;
use kopsform_diagnostics::visible;

use super::program::as_called;
use super::style::{self, Paint};
use super::{CliError, progress};

/// The output of one process. Clones share what is known about stdout.
#[derive(Debug, Clone, Default)]
pub struct Ui {
    /// Why data was lost, from the first write to stdout that failed.
    lost: Arc<OnceLock<String>>,
    /// Whether nothing goes to stderr, because the output is read by a shell that completes a command line.
    silent: bool,
}

impl Ui {
    pub fn new() -> Self {
        Self::default()
    }

    /// Prints no messages.
    pub fn silent() -> Self {
        Self { silent: true, ..Self::default() }
    }

    /// Prints text for users. Control characters in names and messages of others are shown as escapes, and commands of this program
    /// have the name by which it was called.
    pub fn text(&self, text: &str) {
        self.data(&as_called(&visible(text)));
    }

    /// Prints text for users, with colors where stdout has them.
    pub fn painted(&self, paint: Paint, text: &str) {
        let text = visible(text);
        let text = as_called(&text);
        if style::on_stdout() { self.data(&paint.paint(&text)) } else { self.data(&text) }
    }

    /// Prints data for a pipe, exactly as given.
    ///
    /// A command that changes something goes on when it cannot be written. A reader that closed the pipe has read what it
    /// wanted; any other failure is reported by [`Ui::check_output`].
    pub fn data(&self, text: &str) {
        let written = progress::suspended(|| {
            let mut out = std::io::stdout().lock();
            out.write_all(text.as_bytes()).and_then(|()| out.flush())
        });
        match written {
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
        if !self.silent {
            line(text);
        }
    }

    pub fn warn(&self, text: &str) {
        self.note(&format!("warning: {text}"));
    }

    /// Prints the error that ends the program, and returns the exit code.
    pub fn fail(&self, error: &CliError) -> std::process::ExitCode {
        line(&format!("error: {}", error.message));
        for hint in &error.hints {
            line(&format!("hint: {hint}"));
        }
        std::process::ExitCode::from(error.code as u8)
    }
}

/// Prints what clap made of arguments: help and versions to stdout, errors in the form of all others. kops exits with 1 on usage
/// errors, where clap would exit with 2.
pub fn usage(error: &clap::Error) -> std::process::ExitCode {
    use clap::error::ErrorKind as Kind;
    let rendered = error.render().ansi().to_string();
    let rendered = as_called(&rendered);
    match error.kind() {
        // A command that only groups others shows its help, as in kops.
        Kind::DisplayHelp | Kind::DisplayVersion | Kind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let ui = Ui::new();
            ui.data(&if style::on_stdout() { rendered.into_owned() } else { plain(&rendered) });
            match ui.check_output() {
                Ok(()) => std::process::ExitCode::from(ExitCode::Done as u8),
                Err(error) => ui.fail(&error),
            }
        }
        _ => Ui::new().fail(&super::usage::error(&plain(&rendered))),
    }
}

/// The string without colors.
fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

fn not_written(reason: &str) -> CliError {
    CliError::message(format!("cannot write to standard output: {reason}"))
}

/// Writes a line to stderr. Errors are ignored: there is no other place to report them.
pub(super) fn line(text: &str) {
    let text = visible(text);
    let text = as_called(&text);
    let text = if style::on_stderr() { Paint::Messages.paint(&text) } else { text.into_owned() };
    progress::suspended(|| {
        let _ = writeln!(std::io::stderr(), "{text}");
    });
}

/// Writes a line to stderr whatever else is on the screen: a thread that panicked may hold the lock of the progress.
pub(super) fn last_line(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", visible(text));
}
