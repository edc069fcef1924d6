//! Questions with yes or no for an answer.

use std::io::BufRead as _;

use super::Invocation;

/// How often an answer that is neither may be given.
const TRIES: u32 = 3;

/// Asks the person on standard error. No answer is a no.
pub fn confirm(invocation: &Invocation, question: &str) -> bool {
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
