//! Downloads over HTTP, for files that are not in a store.
//!
//! Every wait has an end, and so has every response: a server that says nothing, or never stops, costs a minute and some memory.

use kopsform_diagnostics::root_cause;
use std::time::Duration;

/// The time to connect.
const CONNECT: Duration = Duration::from_secs(5);
/// The time between two parts of a response.
const READ: Duration = Duration::from_secs(20);
/// The time for all of a download.
const TOTAL: Duration = Duration::from_secs(60);

/// Why a download failed. Messages do not name the address, which may hold secrets.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// The server answered with a status other than success.
    #[error("the server returned {0}")]
    Status(reqwest::StatusCode),
    /// The response is larger than the caller accepts.
    #[error("the response is larger than {0} bytes")]
    TooLarge(u64),
    /// There was no complete response.
    #[error("{0}")]
    Failed(String),
}

impl From<reqwest::Error> for DownloadError {
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        if error.is_connect() {
            return Self::Failed(format!("no connection: {}", root_cause(&error)));
        }
        if error.is_timeout() {
            return Self::Failed("no complete response in time".to_owned());
        }
        Self::Failed(root_cause(&error))
    }
}

/// A client for downloads. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Downloader {
    client: reqwest::Client,
}

impl Downloader {
    /// A client with the proxies of the environment.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new() -> Result<Self, DownloadError> {
        let builder = reqwest::Client::builder().connect_timeout(CONNECT).read_timeout(READ).timeout(TOTAL);
        Ok(Self { client: builder.build()? })
    }

    /// The content at an address, of at most `limit` bytes. Nothing past the limit is read.
    ///
    /// # Errors
    /// No connection, a status other than success, a larger response, or none in time.
    pub async fn get(&self, url: &str, limit: u64) -> Result<Vec<u8>, DownloadError> {
        let mut response = self.client.get(url).send().await?;
        if !response.status().is_success() {
            return Err(DownloadError::Status(response.status()));
        }
        if response.content_length().is_some_and(|length| length > limit) {
            return Err(DownloadError::TooLarge(limit));
        }
        let mut content = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if (content.len() + chunk.len()) as u64 > limit {
                return Err(DownloadError::TooLarge(limit));
            }
            content.extend_from_slice(&chunk);
        }
        Ok(content)
    }
}

/// The content at an address, of at most `limit` bytes.
///
/// # Errors
/// As for [`Downloader::get`], without the address.
pub async fn get(url: &str, limit: u64) -> Result<Vec<u8>, String> {
    let downloader = Downloader::new().map_err(|error| error.to_string())?;
    downloader.get(url, limit).await.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;

    /// A server that answers one request with the given head, then with `x` until the client has enough.
    fn server(head: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/x", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut connection, _) = listener.accept().unwrap();
            let _ = connection.read(&mut [0; 4096]);
            let _ = connection.write_all(head.as_bytes());
            while connection.write_all(&[b'x'; 4096]).is_ok() {}
        });
        url
    }

    #[tokio::test]
    async fn a_response_without_end_ends_at_the_limit() {
        for head in
            ["HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3000000000\r\n\r\n"]
        {
            let error = get(&server(head), 10_000).await.unwrap_err();
            assert_eq!(error, "the response is larger than 10000 bytes");
        }
        assert_eq!(get(&server("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), 5).await.unwrap(), b"xxxxx");
    }

    #[tokio::test]
    async fn messages_name_the_failure_and_not_the_address() {
        let error = get(&server("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"), 10).await.unwrap_err();
        assert_eq!(error, "the server returned 404 Not Found");
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let error = get(&format!("http://{closed}/secret"), 10).await.unwrap_err();
        assert!(error.starts_with("no connection: ") && !error.contains("secret"), "{error}");
    }
}
