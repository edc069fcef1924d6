//! Encryption of what the API server stores.

use base64::Engine as _;
use sha2::{Digest as _, Sha256};

use crate::Context;

/// A hash of the secret with encryption keys, in URL-safe base64; empty where nothing is encrypted.
///
/// It is part of the configuration of API servers, so that a changed secret changes them.
pub fn encryption_config_hash(context: &Context<'_>) -> String {
    if context.cluster.spec.encryption_config != Some(true) {
        return String::new();
    }
    let secret = context.secrets.get("encryptionconfig");
    secret.map(|secret| base64::engine::general_purpose::URL_SAFE.encode(Sha256::digest(secret))).unwrap_or_default()
}
