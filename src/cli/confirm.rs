//! Yes-or-no questions.

use std::io::BufRead as _;

use super::{Invocation, progress};

/// How often the question is asked if the answer is neither yes nor no.
const TRIES: u32 = 3;

/// Asks the user on stderr. No answer means no.
pub fn confirm(invocation: &Invocation, question: &str) -> bool {
    let _paused = progress::pause();
    for _ in 0..TRIES {
        invocation.ui.note(&format!("{question} (y/N)"));
        let mut answer = String::new();
        match std::io::stdin().lock().read_line(&mut answer) {
            Ok(0) | Err(_) => return false,
            Ok(_) => {}
        }
        match answer.trim().to_lowercase().as_str() {
            "y" | "yes" => return true,
            "" | "n" | "no" => return false,
            _ => {}
        }
    }
    false
}
