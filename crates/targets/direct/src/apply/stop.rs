//! The request to stop an update before its end.

use std::sync::{Arc, OnceLock};

use tokio_util::sync::CancellationToken;

/// A request to start no further change. What is under way is finished, so that nothing is left half made.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    token: CancellationToken,
    reason: Arc<OnceLock<String>>,
}

impl Stop {
    /// A stop that a signal requests by canceling a token.
    pub fn on(token: CancellationToken) -> Self {
        Self { token, reason: Arc::default() }
    }

    /// Requests the stop.
    pub fn request(&self, reason: String) {
        let _ = self.reason.set(reason);
        self.token.cancel();
    }

    /// Why the update should stop; `None` as long as it should go on.
    pub fn reason(&self) -> Option<String> {
        let is_requested = self.token.is_cancelled();
        is_requested.then(|| self.reason.get().cloned().unwrap_or_else(|| "it was interrupted".to_owned()))
    }

    /// Waits until the stop is requested.
    pub async fn requested(&self) {
        self.token.cancelled().await;
    }
}
