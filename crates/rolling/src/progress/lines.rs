//! One line per event, for logs and pipes.

use std::time::Duration;

use super::line;
use crate::events::{Event, Observer};

/// Passes each event to the function as a line.
pub struct Lines<F>(pub F);

impl<F: Fn(&str) + Send + Sync> Observer for Lines<F> {
    fn on_event(&self, at: Duration, event: &Event) {
        (self.0)(&line(at, event));
    }
}
