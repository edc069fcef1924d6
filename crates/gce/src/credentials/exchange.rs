//! Exchanges of what proves an identity for an access token.

use std::time::{Duration, SystemTime};

use reqwest::{Client, RequestBuilder};
use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

use super::Token;
use super::file::{Identity, Impersonation, secret};
use super::service_account::assertion;
use crate::error::{ApiError, origin};
use crate::percent;
use kopsform_env::{self as env, Environment};

/// The scope of tokens: what they may do is decided by the roles of the identity.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
/// How long the metadata server is waited for. It is on the same machine.
const METADATA_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a token without a lifetime is used.
const SHORT: Duration = Duration::from_secs(300);

/// Why there is no token.
#[derive(Debug)]
pub(super) enum Failure {
    /// The identity has no token.
    Refused(String),
    /// The server could not be reached.
    Api(ApiError),
}

impl Failure {
    /// The error, with whose credentials they are.
    pub(super) fn explained(self, who: &str) -> ApiError {
        match self {
            Self::Refused(reason) => ApiError::Credentials {
                reason: format!("there is no access token for {who}: {reason}"),
                hint: "check the credentials, or log in again: `gcloud auth application-default login`".to_owned(),
            },
            Self::Api(error) => error,
        }
    }
}

#[derive(Deserialize)]
struct TokenResponse {
    #[serde(deserialize_with = "secret")]
    access_token: Zeroizing<String>,
    expires_in: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ImpersonatedResponse {
    #[serde(deserialize_with = "secret")]
    access_token: Zeroizing<String>,
}

/// Exchanges an identity for a token.
pub(super) async fn token_of(client: &Client, identity: &Identity, now: SystemTime) -> Result<Token, Failure> {
    match identity {
        Identity::ServiceAccount(account) => {
            let assertion = assertion(account, SCOPE, now).map_err(Failure::Refused)?;
            let form = Zeroizing::new(percent::pairs(&[
                ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                ("assertion", &assertion),
            ]));
            of_form(client, &account.token_uri, &form, now).await
        }
        Identity::AuthorizedUser(user) => {
            let form = Zeroizing::new(percent::pairs(&[
                ("grant_type", "refresh_token"),
                ("client_id", &user.client_id),
                ("client_secret", &user.client_secret),
                ("refresh_token", &user.refresh_token),
            ]));
            of_form(client, &user.token_uri, &form, now).await
        }
        Identity::ImpersonatedServiceAccount(Impersonation {
            service_account_impersonation_url: url,
            source_credentials,
            delegates,
        }) => {
            let source = Box::pin(token_of(client, source_credentials, now)).await?;
            impersonated(client, url, &source, delegates, now).await
        }
    }
}

async fn of_form(client: &Client, url: &str, form: &str, now: SystemTime) -> Result<Token, Failure> {
    let kind = "application/x-www-form-urlencoded";
    let request = client.post(url).header(reqwest::header::CONTENT_TYPE, kind).body(form.to_owned());
    lasting(answer(url, request).await?, now)
}

/// The token of the service account that an instance runs as.
pub(super) async fn of_metadata_server(
    client: &Client,
    environment: &Environment,
    now: SystemTime,
) -> Result<Token, ApiError> {
    let host = environment.get(env::GCE_METADATA_HOST).unwrap_or("metadata.google.internal");
    let url = format!("http://{host}/computeMetadata/v1/instance/service-accounts/default/token");
    let request = client.get(&url).header("Metadata-Flavor", "Google").timeout(METADATA_TIMEOUT);
    match answer(&url, request).await.and_then(|response| lasting(response, now)) {
        Ok(token) => Ok(token),
        Err(failure) => {
            let reason = match failure {
                Failure::Refused(reason) => reason,
                Failure::Api(error) => error.to_string(),
            };
            Err(ApiError::Credentials {
                reason: format!("there are no Google credentials, and no metadata server gives any: {reason}"),
                hint: "log in: `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS to the key of a \
                       service account"
                    .to_owned(),
            })
        }
    }
}

/// The address at which a token of a service account is asked for.
pub(super) fn impersonation_url(account: &str) -> String {
    let account = percent::encoded(account);
    format!("https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{account}:generateAccessToken")
}

/// Exchanges a token for one of a service account that its identity may impersonate.
pub(super) async fn impersonated(
    client: &Client,
    url: &str,
    source: &Token,
    delegates: &[String],
    now: SystemTime,
) -> Result<Token, Failure> {
    let body = json!({ "scope": [SCOPE], "delegates": delegates, "lifetime": "3600s" }).to_string();
    let request = client.post(url).bearer_auth(source.value.as_str());
    let request = request.header(reqwest::header::CONTENT_TYPE, "application/json").body(body);
    let bytes = answer_bytes(url, request).await?;
    let response: ImpersonatedResponse = serde_json::from_slice(&bytes).map_err(|_| malformed(url))?;
    // It was asked for an hour.
    Ok(Token { value: response.access_token, until: now + Duration::from_secs(3600) })
}

fn lasting(response: TokenResponse, now: SystemTime) -> Result<Token, Failure> {
    let lifetime = response.expires_in.map_or(SHORT, Duration::from_secs);
    Ok(Token { value: response.access_token, until: now + lifetime })
}

async fn answer(url: &str, request: RequestBuilder) -> Result<TokenResponse, Failure> {
    let bytes = answer_bytes(url, request).await?;
    serde_json::from_slice(&bytes).map_err(|_| malformed(url))
}

fn malformed(url: &str) -> Failure {
    let reason = "it holds no access token".to_owned();
    Failure::Api(ApiError::Malformed { address: origin(url), reason })
}

async fn answer_bytes(url: &str, request: RequestBuilder) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let unreachable = |error| Failure::Api(ApiError::of_connection(url, error));
    let response = request.send().await.map_err(unreachable)?;
    let status = response.status();
    let bytes = response.bytes().await.map_err(unreachable)?;
    if status.is_success() {
        return Ok(Zeroizing::new(bytes.to_vec()));
    }
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Problem {
        error: serde_json::Value,
        error_description: String,
    }
    let problem: Problem = serde_json::from_slice(&bytes).unwrap_or_default();
    let text = problem.error.get("message").or(Some(&problem.error)).and_then(serde_json::Value::as_str);
    let parts = [text.unwrap_or_default(), problem.error_description.as_str()];
    let said: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let said = if said.is_empty() { "no reason is given".to_owned() } else { said.join(": ") };
    Err(Failure::Refused(format!("{} answered {}: {said}", origin(url), status.as_u16())))
}
