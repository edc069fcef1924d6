//! The progress of an update: a line for each change, and as the phase of the command what is under way and what it waits for.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::cli::progress::phase;
use crate::cli::ui::Ui;
use kopsform_direct::{Event, State};

/// How many changes that are under way are named.
const NAMED: usize = 3;

/// What was observed so far.
pub(super) struct Progress<'a> {
    ui: &'a Ui,
    /// What is tried again, with the reason.
    retried: Mutex<BTreeMap<String, String>>,
}

impl<'a> Progress<'a> {
    pub fn new(ui: &'a Ui) -> Self {
        Self { ui, retried: Mutex::default() }
    }

    /// Shows an event.
    pub fn observe(&self, event: &Event<'_>) {
        let mut retried = self.retried.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Started { state, .. } => phase(&status(state, &retried)),
            Event::Done { task, state } => {
                retried.remove(&task.to_string());
                self.line(&format!("[{}/{}] {task}{}", state.done, state.total, counts(state)));
                phase(&status(state, &retried));
            }
            Event::Retried { what, error, pause } => {
                let is_new = retried.insert((*what).to_owned(), error.message.clone()).as_ref() != Some(&error.message);
                // The same reason again is no news.
                if is_new {
                    self.line(&format!("{what} waits and is tried again in {} s: {error}", pause.as_secs()));
                }
            }
            Event::Failed { task, error } => {
                retried.remove(&task.to_string());
                self.line(&format!("{task} failed: {error}"));
            }
            Event::Removed(residue) => self.line(&format!("deleted {} {}", residue.kind, residue.item)),
        }
    }

    fn line(&self, text: &str) {
        self.ui.note(text);
    }
}

/// How many changes are under way, and how many wait for others.
fn counts(state: &State<'_>) -> String {
    match (state.running.len(), state.waiting) {
        (0, 0) => String::new(),
        (running, 0) => format!(" ({running} in flight)"),
        (0, waiting) => format!(" ({waiting} waiting)"),
        (running, waiting) => format!(" ({running} in flight, {waiting} waiting)"),
    }
}

/// What is under way, and why it takes long.
fn status(state: &State<'_>, retried: &BTreeMap<String, String>) -> String {
    let of = |task: &str| match retried.get(task) {
        Some(reason) => format!("{task} ({reason})"),
        None => task.to_owned(),
    };
    let mut named: Vec<String> = state.running.iter().map(ToString::to_string).collect();
    // What is tried again is what the others wait for.
    named.sort_by_key(|task| !retried.contains_key(task));
    let more = named.len().saturating_sub(NAMED);
    let mut text: Vec<String> = named.iter().take(NAMED).map(|task| of(task)).collect();
    if more > 0 {
        text.push(format!("{more} more"));
    }
    format!("{}/{} done, {} waiting for {}", state.done, state.total, state.waiting, text.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kopsform_direct::{TaskId, TaskKind};

    #[test]
    fn the_status_names_what_is_tried_again_first() {
        let tasks: Vec<TaskId> = ["a", "b", "c", "d", "e"].map(|name| TaskId::new(TaskKind::Subnet, name)).into();
        let state = State { done: 3, total: 20, running: tasks.iter().collect(), waiting: 12 };
        let retried = [("Subnet/e".to_owned(), "not found yet".to_owned())].into();
        assert_eq!(
            status(&state, &retried),
            "3/20 done, 12 waiting for Subnet/e (not found yet), Subnet/a, Subnet/b, 2 more"
        );
        assert_eq!(counts(&state), " (5 in flight, 12 waiting)");
    }
}
