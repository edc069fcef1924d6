//! Where output goes: data to stdout, everything else to stderr. The only file that prints.

use std::io::{ErrorKind, Write as _};
use std::panic::PanicHookInfo;
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

/// Reports a defect of the program instead of the standard library's message, which would show values and end the program a
/// second time where stderr cannot be written.
pub fn report_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(|place| format!(" at {}:{}", in_workspace(place.file()), place.line()));
    line(&format!("Error: internal error{}: this is a defect of kopsform", place.unwrap_or_default()));
    line(
        "hint: report it with the command and this message; run the command again once it is fixed: finished writes are whole",
    );
    // Releases do not unwind, and would end by a signal.
    #[cfg(panic = "abort")]
    std::process::exit(kopsform_diagnostics::exit::ExitCode::Internal as i32);
}

/// The path of a source file without the directory of the build.
fn in_workspace(file: &str) -> &str {
    file.rsplit_once("/registry/src/").and_then(|(_, rest)| rest.split_once('/')).map_or(file, |(_, rest)| rest)
}

/// Writes a line to stderr. Errors are ignored: there is no other place to report them.
fn line(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", visible(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_defect_is_placed_without_the_directory_of_the_build() {
        assert_eq!(in_workspace("crates/yaml/src/parse.rs"), "crates/yaml/src/parse.rs");
        assert_eq!(in_workspace("/x/registry/src/index-1/hcl-rs-0.20.0/src/lib.rs"), "hcl-rs-0.20.0/src/lib.rs");
    }
}
