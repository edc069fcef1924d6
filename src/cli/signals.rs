//! SIGINT and SIGTERM: the first asks to stop at the next safe point, the second ends the program.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use kopsform_diagnostics::exit::ExitCode;

/// A token that is cancelled by the first signal. `note` tells the person that it was heard.
pub fn stop_on_signal(note: impl Fn(&str) + Send + 'static) -> std::io::Result<CancellationToken> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let token = CancellationToken::new();
    let stop = token.clone();
    tokio::spawn(async move {
        for first in [true, false] {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if !first {
                std::process::exit(ExitCode::Stopped as i32);
            }
            stop.cancel();
            note("stopping at the next safe point; another signal ends at once");
        }
    });
    Ok(token)
}
