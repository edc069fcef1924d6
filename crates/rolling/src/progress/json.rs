//! A JSON object an event, for programs.

use std::time::Duration;

use serde::Serialize;

use crate::events::{Event, Observer};

/// Writes a JSON object a line to where it is told.
pub struct JsonLines<F>(pub F);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Timed<'a> {
    elapsed_seconds: f64,
    #[serde(flatten)]
    event: &'a Event,
}

impl<F: Fn(&str) + Send + Sync> Observer for JsonLines<F> {
    fn tell(&self, at: Duration, event: &Event) {
        let timed = Timed { elapsed_seconds: (at.as_secs_f64() * 1000.0).round() / 1000.0, event };
        match serde_json::to_string(&timed) {
            Ok(text) => (self.0)(&text),
            // An event is plain data: this can't happen, but if it did, the event would be told all the same.
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
        observer.tell(Duration::from_millis(1500), &Event::Healthy { group: "nodes".into() });
        let lines = lines.into_inner().unwrap_or_default();
        assert_eq!(lines, [r#"{"elapsedSeconds":1.5,"event":"healthy","group":"nodes"}"#]);
    }
}
