//! Access tokens, found as Google's own tools find them ("application default credentials"):
//!
//! 1. the file that `GOOGLE_APPLICATION_CREDENTIALS` names;
//! 2. the file that `gcloud auth application-default login` writes;
//! 3. the metadata server of an instance.
//!
//! A file holds the key of a service account, the refresh token of a user, or a service account to impersonate with one of these
//! (`file`, `service_account`). `CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT` impersonates on top, as for gcloud.

mod exchange;
mod file;
mod service_account;

use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use tokio::sync::Mutex;
use zeroize::Zeroizing;

use crate::endpoints::is_emulated;
use crate::error::ApiError;
use crate::project::directory;
use file::Identity;
use kopsform_env::{self as env, Environment};

/// How long before its end a token is replaced.
const MARGIN: Duration = Duration::from_secs(60);

/// An access token and the time it is valid until.
#[derive(Clone)]
struct Token {
    value: Zeroizing<String>,
    until: SystemTime,
}

/// The credentials of an environment. Tokens are kept until they end.
pub(crate) struct Credentials {
    environment: Environment,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    source: Option<Source>,
    token: Option<Token>,
}

/// Where credentials come from.
#[derive(Debug, Clone)]
enum Source {
    /// A file, and who it is for.
    File { path: PathBuf, identity: Box<Identity> },
    /// The metadata server of this instance.
    MetadataServer,
    /// None: emulators need none.
    Anonymous,
}

/// Names the source in messages, without what is secret.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, identity } => write!(f, "{identity} in {}", path.display()),
            Self::MetadataServer => f.write_str("the service account of this instance"),
            Self::Anonymous => f.write_str("no credentials"),
        }
    }
}

impl Source {
    fn find(environment: &Environment) -> Result<Self, ApiError> {
        if let Some(path) = environment.get(env::GOOGLE_APPLICATION_CREDENTIALS) {
            let path = PathBuf::from(path);
            let identity = Box::new(Identity::read(&path)?);
            return Ok(Self::File { path, identity });
        }
        let path = directory(environment).map(|directory| directory.join("application_default_credentials.json"));
        match path.filter(|path| path.exists()) {
            Some(path) => {
                let identity = Box::new(Identity::read(&path)?);
                Ok(Self::File { path, identity })
            }
            None if is_emulated(environment) => Ok(Self::Anonymous),
            None => Ok(Self::MetadataServer),
        }
    }
}

impl Credentials {
    /// Credentials of an environment. Nothing is read or asked yet.
    pub(crate) fn new(environment: &Environment) -> Self {
        Self { environment: environment.clone(), state: Mutex::default() }
    }

    /// A valid token; `None` where none is needed.
    pub(crate) async fn token(&self, client: &reqwest::Client) -> Result<Option<Zeroizing<String>>, ApiError> {
        let mut state = self.state.lock().await;
        let now = SystemTime::now();
        if let Some(token) = state.token.as_ref().filter(|token| token.until > now + MARGIN) {
            return Ok(Some(token.value.clone()));
        }
        let source = match state.source.clone() {
            Some(source) => source,
            None => {
                let source = Source::find(&self.environment)?;
                tracing::info!(target: "kopsform::gce", credentials = %source, "using credentials");
                state.source.insert(source).clone()
            }
        };
        let token = match &source {
            Source::Anonymous => return Ok(None),
            Source::File { path, identity } => exchange::token_of(client, identity, now)
                .await
                .map_err(|error| error.explained(&format!("{identity} in {}", path.display())))?,
            Source::MetadataServer => exchange::of_metadata_server(client, &self.environment, now).await?,
        };
        let token = match self.environment.get(env::CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT) {
            Some(account) => {
                let url = exchange::impersonation_url(account);
                let impersonated = exchange::impersonated(client, &url, &token, &[], now).await;
                impersonated.map_err(|error| error.explained(&format!("{source}, impersonating {account}")))?
            }
            None => token,
        };
        let value = token.value.clone();
        state.token = Some(token);
        Ok(Some(value))
    }
}
