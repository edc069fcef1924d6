//! Downloads over HTTP, for files that are not in a store.

use std::time::Duration;

/// The content at an address.
///
/// # Errors
/// What failed, without the address: no connection, a status other than success, no complete response within 60 seconds.
pub async fn get(url: &str) -> Result<Vec<u8>, String> {
    let failed = |error: reqwest::Error| error.without_url().to_string();
    let client = reqwest::Client::builder().connect_timeout(Duration::from_secs(5)).timeout(Duration::from_secs(60));
    let client = client.build().map_err(failed)?;
    let response = client.get(url).send().await.and_then(reqwest::Response::error_for_status).map_err(failed)?;
    Ok(response.bytes().await.map_err(failed)?.to_vec())
}
