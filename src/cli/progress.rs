//! What is shown while a command works.
//!
//! After a second without a result, a terminal shows a line on stderr with what is being done and for how long. Elsewhere a plain
//! line follows every ten seconds, so that the log of a build server shows that the command is not stuck. Everything that is printed
//! goes through [`suspended`], which removes the line first. Commands that show their own progress, run an editor or ask a question
//! stop it with [`pause`].

use std::io::IsTerminal as _;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use kopsform_diagnostics::visible;
use kopsform_env::{self as env, Environment};

use super::ui;

/// How long a command may take before anything is shown.
const PATIENCE: Duration = Duration::from_secs(1);
/// The pause between two lines where stderr is not a terminal.
const INTERVAL: Duration = Duration::from_secs(10);
/// The pause between two frames of the spinner.
const TICK: Duration = Duration::from_millis(100);

/// The command that runs in this process.
static CURRENT: Mutex<Option<Arc<Shared>>> = Mutex::new(None);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    /// What is being done, such as `update cluster: writing Terraform`.
    phase: String,
    command: String,
    bar: Option<ProgressBar>,
    /// How many callers want no progress to be shown.
    paused: usize,
    ended: bool,
}

/// Shows progress until it is dropped.
#[derive(Debug)]
pub struct Progress(Arc<Shared>);

impl Progress {
    /// Begins to show the progress of a command, such as `update cluster`.
    pub fn start(command: &str, environment: &Environment) -> Self {
        let state =
            State { phase: command.to_owned(), command: command.to_owned(), bar: None, paused: 0, ended: false };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        *locked(&CURRENT) = Some(shared.clone());
        let on_terminal = std::io::stderr().is_terminal() && environment.get(env::TERM) != Some("dumb");
        let watched = shared.clone();
        // Without the thread, the command works as well.
        let _ = std::thread::Builder::new().name("progress".to_owned()).spawn(move || watch(&watched, on_terminal));
        Self(shared)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        let mut state = locked(&self.0.state);
        state.ended = true;
        if let Some(bar) = state.bar.take() {
            bar.finish_and_clear();
        }
        self.0.changed.notify_all();
        drop(state);
        *locked(&CURRENT) = None;
    }
}

/// Names what is being done now, such as `looking up facts`.
pub fn phase(text: &str) {
    let Some(shared) = locked(&CURRENT).clone() else { return };
    let mut state = locked(&shared.state);
    state.phase = format!("{}: {}", state.command, visible(text));
    if let Some(bar) = &state.bar {
        bar.set_message(state.phase.clone());
    }
}

/// Shows no progress until the result is dropped.
#[must_use]
pub fn pause() -> Paused {
    let shared = locked(&CURRENT).clone();
    if let Some(shared) = &shared {
        let mut state = locked(&shared.state);
        state.paused += 1;
        if let Some(bar) = state.bar.take() {
            bar.finish_and_clear();
        }
    }
    Paused(shared)
}

/// No progress is shown while this exists.
#[derive(Debug)]
pub struct Paused(Option<Arc<Shared>>);

impl Drop for Paused {
    fn drop(&mut self) {
        if let Some(shared) = &self.0 {
            locked(&shared.state).paused -= 1;
            shared.changed.notify_all();
        }
    }
}

/// Prints something while no progress is on the screen.
pub fn suspended<T>(print: impl FnOnce() -> T) -> T {
    let bar = locked(&CURRENT).as_ref().and_then(|shared| locked(&shared.state).bar.clone());
    match bar {
        Some(bar) => bar.suspend(print),
        None => print(),
    }
}

fn watch(shared: &Shared, on_terminal: bool) {
    let began = Instant::now();
    let mut wait = if on_terminal { PATIENCE } else { INTERVAL };
    let mut state = locked(&shared.state);
    loop {
        let (next, timeout) = shared
            .changed
            .wait_timeout_while(state, wait, |state| !state.ended)
            .unwrap_or_else(PoisonError::into_inner);
        state = next;
        if !timeout.timed_out() {
            return;
        }
        if state.paused > 0 {
            continue;
        }
        if !on_terminal {
            let line = still_working(&state.phase, began.elapsed());
            drop(state);
            ui::line(&line);
            state = locked(&shared.state);
        } else if state.bar.is_none() {
            state.bar = Some(spinner(&state.phase, began.elapsed()));
            wait = TICK;
        } else if let Some(bar) = &state.bar {
            bar.tick();
        }
    }
}

fn spinner(phase: &str, elapsed: Duration) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_elapsed(elapsed);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}") {
        bar.set_style(style);
    }
    bar.set_message(phase.to_owned());
    bar.tick();
    bar
}

/// The line for logs.
fn still_working(phase: &str, elapsed: Duration) -> String {
    format!("still working: {phase} ({} s)", elapsed.as_secs())
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
