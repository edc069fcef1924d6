//! SIGINT and SIGTERM: the first requests a stop at the next safe point, the second ends the program.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use kopsform_diagnostics::exit::ExitCode;

/// A token that the first signal cancels. `note` then receives a line for the user.
///
/// # Errors
/// When signals cannot be handled.
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
            note("stopping at the next safe point; another signal ends the program immediately");
        }
    });
    Ok(token)
}
