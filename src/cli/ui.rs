//! Where output goes: data to stdout, everything else to stderr. The only file that prints.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::io::Write as _;

use super::CliError;

/// The program's voice.
#[derive(Debug, Default)]
pub struct Ui {}

impl Ui {
    /// A voice for this process.
    pub fn new() -> Self {
        Self {}
    }

    /// Data for a pipe, exactly as given. A reader that went away ends the program quietly.
    pub fn data(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        if out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_err() {
            std::process::exit(0);
        }
    }

    /// A line about what happens.
    pub fn note(&self, text: &str) {
        eprintln!("{text}");
    }

    /// A line about something that may be wrong.
    pub fn warn(&self, text: &str) {
        eprintln!("warning: {text}");
    }

    /// Says why the program ends and gives its exit code.
    pub fn fail(&self, error: &CliError) -> std::process::ExitCode {
        eprintln!("Error: {}", error.message);
        for hint in &error.hints {
            eprintln!("hint: {hint}");
        }
        std::process::ExitCode::from(error.code as u8)
    }
}
