//! Yes-or-no questions.

use std::io::BufRead as _;

use super::{CliError, Invocation, progress};

/// How often the question is asked if the answer is neither yes nor no.
const TRIES: u32 = 3;

/// Asks the user on stderr. An empty answer means no.
///
/// # Errors
/// If the standard input has ended, as in scripts.
pub fn confirm(invocation: &Invocation, question: &str) -> Result<bool, CliError> {
    let _paused = progress::pause();
    for _ in 0..TRIES {
        invocation.ui.note(&format!("{question} (y/N)"));
        let mut answer = String::new();
        match std::io::stdin().lock().read_line(&mut answer) {
            Ok(0) | Err(_) => {
                let message = "not confirmed: standard input has no answer";
                return Err(CliError::message(message).hint("confirm with --yes"));
            }
            Ok(_) => {}
        }
        match answer.trim().to_lowercase().as_str() {
            "y" | "yes" => return Ok(true),
            "" | "n" | "no" => return Ok(false),
            _ => {}
        }
    }
    Ok(false)
}
