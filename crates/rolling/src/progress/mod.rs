//! How an update's events are shown: lines, JSON lines, or bars on a terminal.

mod bars;
mod json;
mod lines;

pub use bars::Bars;
pub use json::JsonLines;
pub use lines::Lines;

use std::time::Duration;

use super::events::Event;
use kopsform_diagnostics::visible;

/// The time since the update began, as `1:02:03`.
fn elapsed(at: Duration) -> String {
    let seconds = at.as_secs();
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// Whether an event must be visible whatever else is shown.
fn is_important(event: &Event) -> bool {
    matches!(
        event,
        Event::BudgetAllowsNone { .. }
            | Event::HealthIgnored { .. }
            | Event::DetachFailed { .. }
            | Event::DeregisterFailed { .. }
            | Event::Blocked { .. }
            | Event::DrainFailed { .. }
            | Event::ControlPlaneUnhealthy { .. }
            | Event::NotTerminated { .. }
            | Event::GroupFailed { .. }
            | Event::Left { .. }
            | Event::Warning { .. }
            | Event::Stopped { .. }
    )
}

/// An event as a line: `0:01:23 nodes: draining …`.
fn line(at: Duration, event: &Event) -> String {
    let mark = if is_important(event) { "warning: " } else { "" };
    let line = match event.group() {
        Some(group) => format!("{} {mark}{group}: {event}", elapsed(at)),
        None => format!("{} {mark}{event}", elapsed(at)),
    };
    visible(&line).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_begin_with_time_and_group() {
        let event = Event::Validating { group: "nodes".into() };
        assert_eq!(line(Duration::from_secs(3_723), &event), "1:02:03 nodes: validating the cluster");
        let event = Event::Warning { message: "disk full".into() };
        assert_eq!(line(Duration::ZERO, &event), "0:00:00 warning: disk full");
    }
}
