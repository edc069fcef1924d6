//! A bar for the whole update and a line for each group that is being updated, on a terminal.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use kopsform_diagnostics::visible;

use super::{is_important, line};
use crate::events::{Event, Observer};

/// Bars on standard error. Lasting events are printed above them.
pub struct Bars {
    all: MultiProgress,
    total: ProgressBar,
    groups: Mutex<HashMap<String, ProgressBar>>,
}

impl Default for Bars {
    fn default() -> Self {
        Self::new(ProgressDrawTarget::stderr())
    }
}

impl Bars {
    /// Bars drawn to a target.
    pub fn new(target: ProgressDrawTarget) -> Self {
        let all = MultiProgress::with_draw_target(target);
        let total = all.add(ProgressBar::new(0));
        // Templates are constants, covered by the test below.
        if let Ok(style) =
            ProgressStyle::with_template("{elapsed_precise} {bar:30} {pos}/{len} instances, about {eta} left")
        {
            total.set_style(style);
        }
        Self { all, total, groups: Mutex::default() }
    }

    fn group(&self, name: &str) -> ProgressBar {
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        let bar = groups.entry(name.to_owned()).or_insert_with(|| {
            let bar = self.all.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}: {wide_msg} ({elapsed})") {
                bar.set_style(style);
            }
            bar.set_prefix(name.to_owned());
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        bar.clone()
    }

    fn drop_group(&self, name: &str) {
        if let Some(bar) = self.groups.lock().unwrap_or_else(PoisonError::into_inner).remove(name) {
            bar.finish_and_clear();
        }
    }
}

impl Observer for Bars {
    fn on_event(&self, at: Duration, event: &Event) {
        let lasting = matches!(event, Event::Terminated { .. } | Event::GroupDone { .. } | Event::Done { .. });
        if lasting || is_important(event) {
            // If the terminal cannot be written, the exit code still reports the outcome.
            let _ = self.all.println(line(at, event));
        }
        match event {
            Event::Began { instances, .. } => self.total.set_length(*instances as u64),
            Event::Terminated { done, .. } => self.total.set_position(*done as u64),
            Event::GroupDone { group, .. } | Event::GroupFailed { group, .. } => self.drop_group(group),
            Event::Left { .. } => {}
            Event::Done { .. } | Event::Stopped { .. } => self.total.finish_and_clear(),
            event => {
                if let Some(group) = event.group() {
                    let bar = self.group(group);
                    bar.reset_elapsed();
                    bar.set_message(visible(&event.to_string()).into_owned());
                }
            }
        }
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        // A failed update ends without a last event.
        for bar in self.groups.lock().unwrap_or_else(PoisonError::into_inner).values() {
            bar.finish_and_clear();
        }
        self.total.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use indicatif::TermLike;

    use super::*;

    /// A terminal that records everything written to it.
    #[derive(Debug, Clone, Default)]
    struct FakeTerminal(Arc<Mutex<String>>);

    impl TermLike for FakeTerminal {
        fn width(&self) -> u16 {
            120
        }

        fn move_cursor_up(&self, _: usize) -> std::io::Result<()> {
            Ok(())
        }

        fn move_cursor_down(&self, _: usize) -> std::io::Result<()> {
            Ok(())
        }

        fn move_cursor_right(&self, _: usize) -> std::io::Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _: usize) -> std::io::Result<()> {
            Ok(())
        }

        fn write_line(&self, text: &str) -> std::io::Result<()> {
            self.write_str(text)
        }

        fn write_str(&self, text: &str) -> std::io::Result<()> {
            self.0.lock().unwrap().push_str(text);
            Ok(())
        }

        fn clear_line(&self) -> std::io::Result<()> {
            Ok(())
        }

        fn flush(&self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn bars_show_progress_and_the_current_step() {
        let terminal = FakeTerminal::default();
        let bars = Bars::new(ProgressDrawTarget::term_like(Box::new(terminal.clone())));
        bars.on_event(Duration::ZERO, &Event::Began { groups: 1, instances: 4 });
        let done = Event::Terminated { group: "nodes".into(), instance: "i-1".into(), done: 1, of: 4 };
        bars.on_event(Duration::from_secs(60), &done);
        bars.on_event(Duration::from_secs(61), &Event::Validating { group: "nodes".into() });
        bars.total.tick();
        bars.group("nodes").tick();
        let shown = terminal.0.lock().unwrap().clone();
        assert!(shown.contains("1/4 instances"), "{shown}");
        assert!(shown.contains("nodes: validating the cluster"), "{shown}");
        assert!(shown.contains("i-1 is gone"), "{shown}");
    }
}
