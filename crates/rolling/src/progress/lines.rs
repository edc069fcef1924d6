//! A line an event, for logs and pipes.

use std::time::Duration;

use super::line;
use crate::events::{Event, Observer};

/// Writes lines to where it is told.
pub struct Lines<F>(pub F);

impl<F: Fn(&str) + Send + Sync> Observer for Lines<F> {
    fn tell(&self, at: Duration, event: &Event) {
        (self.0)(&line(at, event));
    }
}
