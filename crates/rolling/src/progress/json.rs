//! One JSON object per event, for programs.

use std::time::Duration;

use serde::Serialize;

use crate::events::{Event, Observer};

/// Passes each event to the function as a line with a JSON object.
pub struct JsonLines<F>(pub F);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Timed<'a> {
    elapsed_seconds: f64,
    #[serde(flatten)]
    event: &'a Event,
}

impl<F: Fn(&str) + Send + Sync> Observer for JsonLines<F> {
    fn on_event(&self, at: Duration, event: &Event) {
        let timed = Timed { elapsed_seconds: (at.as_secs_f64() * 1000.0).round() / 1000.0, event };
        match serde_json::to_string(&timed) {
            Ok(text) => (self.0)(&text),
            // Events are plain data and always serialize; if one did not, its text would still be reported.
            Err(_) => (self.0)(&serde_json::json!({ "event": "warning", "message": event.to_string() }).to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn each_line_is_an_object() {
        let lines = Mutex::new(Vec::new());
        let observer = JsonLines(|line: &str| lines.lock().unwrap_or_else(|e| e.into_inner()).push(line.to_owned()));
        observer.on_event(Duration::from_millis(1500), &Event::Healthy { group: "nodes".into() });
        let lines = lines.into_inner().unwrap_or_default();
        assert_eq!(lines, [r#"{"elapsedSeconds":1.5,"event":"healthy","group":"nodes"}"#]);
    }
}
