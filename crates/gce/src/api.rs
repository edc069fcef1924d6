//! Calls of Google's APIs: credentials, retries, pages.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;

use crate::credentials::Credentials;
use crate::endpoints::Service;
use crate::error::{ApiError, origin};
use crate::percent;
use kopsform_env::Environment;

/// The time to connect.
const CONNECT: Duration = Duration::from_secs(5);
/// The time for all of a request.
const TOTAL: Duration = Duration::from_secs(60);
/// How many times a request is sent before its failure is reported.
const ATTEMPTS: u32 = 5;
/// The time before the second attempt; doubled for each further one.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// The largest answer that is read, in bytes.
const MAX_ANSWER: usize = 64 << 20;
/// The most pages of a list.
const MAX_PAGES: usize = 10_000;

/// The APIs, with the credentials and endpoints of an environment. Nothing is asked before the first call.
pub struct Api {
    /// Created for the first request: it reads the system's certificates, which most commands on AWS would do for nothing.
    client: OnceLock<Result<reqwest::Client, ApiError>>,
    credentials: Credentials,
    environment: Environment,
}

/// A request, to be sent again if it fails for a while.
pub(crate) struct Request<'a> {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) query: Vec<(&'a str, String)>,
    /// The content type and the body.
    pub(crate) body: Option<(String, Vec<u8>)>,
}

impl<'a> Request<'a> {
    pub(crate) fn get(url: String) -> Self {
        Self { method: Method::GET, url, query: Vec::new(), body: None }
    }

    /// A request with a JSON body.
    pub(crate) fn with_json(method: Method, url: String, body: &Value) -> Self {
        let body = Some(("application/json".to_owned(), body.to_string().into_bytes()));
        Self { method, url, query: Vec::new(), body }
    }

    pub(crate) fn query(mut self, name: &'a str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }
}

/// An answer with its headers.
pub(crate) struct Answer {
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Api {
    /// Uses the given environment's settings. No request is made.
    pub fn new(environment: &Environment) -> Self {
        Self { client: OnceLock::new(), credentials: Credentials::new(environment), environment: environment.clone() }
    }

    /// The client, or why TLS cannot be set up.
    fn client(&self) -> Result<&reqwest::Client, ApiError> {
        let created = self.client.get_or_init(|| {
            let builder = reqwest::Client::builder().connect_timeout(CONNECT).timeout(TOTAL);
            builder.build().map_err(|error| ApiError::of_connection("https://googleapis.com", error))
        });
        created.as_ref().map_err(Clone::clone)
    }

    /// The address of a method of a service.
    pub(crate) fn url(&self, service: Service, path: &str) -> String {
        format!("{}{path}", service.endpoint(&self.environment))
    }

    /// The address of uploads to Cloud Storage.
    pub(crate) fn upload_url(&self, path: &str) -> String {
        format!("{}{path}", Service::upload(&self.environment))
    }

    /// Sends a request, up to [`ATTEMPTS`] times.
    pub(crate) async fn send(&self, request: &Request<'_>) -> Result<Answer, ApiError> {
        let mut attempt = 1;
        loop {
            let error = match self.attempt(request, attempt).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if attempt >= ATTEMPTS || !error.is_temporary() {
                return Err(error);
            }
            tokio::time::sleep(FIRST_WAIT * 2u32.pow(attempt - 1)).await;
            attempt += 1;
        }
    }

    async fn attempt(&self, request: &Request<'_>, attempt: u32) -> Result<Answer, ApiError> {
        let client = self.client()?;
        let token = self.credentials.token(client).await?;
        let mut url = request.url.clone();
        if !request.query.is_empty() {
            let pairs: Vec<(&str, &str)> = request.query.iter().map(|(name, value)| (*name, value.as_str())).collect();
            url = format!("{url}?{}", percent::pairs(&pairs));
        }
        let mut builder: RequestBuilder = client.request(request.method.clone(), &url);
        if let Some(token) = token {
            builder = builder.bearer_auth(token.as_str());
        }
        if let Some((kind, body)) = &request.body {
            builder = builder.header(reqwest::header::CONTENT_TYPE, kind).body(body.clone());
        }
        let begun = Instant::now();
        let answered = builder.send().await;
        let status =
            answered.as_ref().map_or_else(|_| "no answer".to_owned(), |answer| answer.status().as_u16().to_string());
        let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::debug!(target: "kopsform::gce", method = %request.method, url, status, attempt, milliseconds, "request");
        let answer = answered.map_err(|error| ApiError::of_connection(&url, error))?;
        let (code, headers) = (answer.status(), answer.headers().clone());
        let body = content(answer, &url).await?;
        if !code.is_success() {
            return Err(ApiError::of_response(code.as_u16(), &body));
        }
        Ok(Answer { headers, body })
    }

    /// Sends a request and reads the JSON it is answered with.
    pub(crate) async fn json(&self, request: &Request<'_>) -> Result<Value, ApiError> {
        let answer = self.send(request).await?;
        serde_json::from_slice(&answer.body)
            .map_err(|error| ApiError::Malformed { address: origin(&request.url), reason: error.to_string() })
    }

    /// What is at an address; `None` if it does not exist.
    pub(crate) async fn find(&self, url: String) -> Result<Option<Value>, ApiError> {
        match self.json(&Request::get(url)).await {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All items of a list, over all of its pages; `items` is the field that holds them.
    pub(crate) async fn list(&self, url: &str, query: &[(&str, &str)], items: &str) -> Result<Vec<Value>, ApiError> {
        let request =
            || query.iter().fold(Request::get(url.to_owned()), |request, (name, value)| request.query(name, *value));
        self.pages(request, |page| taken(page, items)).await
    }

    /// The items of all pages of a list; `request` asks for the first one, and `items` takes them from a page.
    ///
    /// # Errors
    /// When a request fails, or there are more than [`MAX_PAGES`] pages.
    pub(crate) async fn pages<'r>(
        &self,
        request: impl Fn() -> Request<'r>,
        items: impl Fn(&mut Value) -> Vec<Value>,
    ) -> Result<Vec<Value>, ApiError> {
        let (mut found, mut next) = (Vec::new(), String::new());
        for _ in 0..MAX_PAGES {
            let mut request = request();
            if !next.is_empty() {
                request = request.query("pageToken", next);
            }
            let mut page = self.json(&request).await?;
            found.extend(items(&mut page));
            next = page.get("nextPageToken").and_then(Value::as_str).unwrap_or_default().to_owned();
            if next.is_empty() {
                return Ok(found);
            }
        }
        let address = origin(&request().url);
        Err(ApiError::Malformed { address, reason: format!("the list has more than {MAX_PAGES} pages") })
    }
}

/// The items in a field of a page, or of a part of one.
pub(crate) fn taken(page: &mut Value, items: &str) -> Vec<Value> {
    match page.get_mut(items).map(Value::take) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    }
}

/// The body of an answer; nothing past the limit is read.
async fn content(mut answer: Response, url: &str) -> Result<Vec<u8>, ApiError> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| ApiError::of_connection(url, error))? {
        if body.len() + chunk.len() > MAX_ANSWER {
            let reason = format!("it is larger than {} MiB", MAX_ANSWER >> 20);
            return Err(ApiError::Malformed { address: origin(url), reason });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
