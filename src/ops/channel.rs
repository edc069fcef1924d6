//! Finding a channel: built in, in a file, in a state store's bucket, or published on the web.

use std::path::Path;

use kopsform_diagnostics::{Explain, Report};
use kopsform_env::Environment;
use kopsform_spec::channel::{CHANNEL_BASE, Channel, DEFAULT_CHANNEL};
use kopsform_spec::v1alpha2::Cluster;

/// Why a channel could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// The file could not be read.
    #[error("error loading channel {location:?}: {source}")]
    File {
        /// The channel as it was named.
        location: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The store could not be opened or read.
    #[error("error loading channel {location:?}: {reason}")]
    Elsewhere {
        /// The channel as it was named.
        location: String,
        /// What the store or server said.
        reason: String,
    },
    /// It lies where only the network leads.
    #[error("error loading channel {0:?}: it is not read with --offline")]
    Offline(String),
    /// It is no channel.
    #[error("error loading channel {location:?}: {report}")]
    Invalid {
        /// The channel as it was named.
        location: String,
        /// Its mistakes.
        report: Report,
    },
}

impl Explain for ChannelError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Invalid { .. } => Vec::new(),
            _ => vec!["the channel named stable is built in, and needs no network".to_owned()],
        }
    }
}

/// The channel a cluster names, to advise about versions and to choose images. That it cannot be read is no error, as in
/// kops: what it would have chosen is then missing. The second part says so.
pub async fn of_cluster(
    cluster: &Cluster,
    offline: bool,
    environment: &Environment,
) -> (Option<Channel>, Option<String>) {
    let location = if cluster.spec.channel.is_empty() { DEFAULT_CHANNEL } else { &cluster.spec.channel };
    match load(location, offline, environment).await {
        Ok(channel) => (Some(channel), None),
        Err(error) => (None, Some(error.to_string())),
    }
}

/// Reads a channel. `stable` is built in, `none` is empty; an absolute or relative path (with a slash, or of a file that
/// exists), `file://`, `s3://`, `http://` and `https://` say where it is; any other name is looked up where kops
/// publishes its channels.
///
/// # Errors
/// When it cannot be read, must not (`offline`), or is no channel.
pub async fn load(location: &str, offline: bool, environment: &Environment) -> Result<Channel, ChannelError> {
    match location {
        DEFAULT_CHANNEL => return Ok(Channel::stable().clone()),
        "none" => return Ok(Channel::default()),
        _ => {}
    }
    let is_file = location.contains('/') || Path::new(location).exists();
    let text = match location.split_once("://") {
        None if is_file => {
            let read = std::fs::read_to_string(location);
            read.map_err(|source| ChannelError::File { location: location.to_owned(), source })?
        }
        Some(("file", _)) => from_store(location, environment).await?,
        _ if offline => return Err(ChannelError::Offline(location.to_owned())),
        Some(("http" | "https", _)) => download(location, location).await?,
        Some(_) => from_store(location, environment).await?,
        None => download(location, &format!("{CHANNEL_BASE}{location}")).await?,
    };
    Channel::parse(location, &text).map_err(|report| ChannelError::Invalid { location: location.to_owned(), report })
}

async fn from_store(location: &str, environment: &Environment) -> Result<String, ChannelError> {
    let failed = |reason: String| ChannelError::Elsewhere { location: location.to_owned(), reason };
    let (folder, key) = location.rsplit_once('/').unwrap_or((location, ""));
    let store = super::stores::open(folder, environment).map_err(|e| failed(e.to_string()))?;
    let stored = store.read(key).await.map_err(|e| failed(e.to_string()))?;
    let bytes = stored.ok_or_else(|| failed("there is no such object".to_owned()))?.bytes;
    String::from_utf8(bytes.to_vec()).map_err(|_| failed("it is no text".to_owned()))
}

async fn download(location: &str, url: &str) -> Result<String, ChannelError> {
    let failed = |reason: String| ChannelError::Elsewhere { location: location.to_owned(), reason };
    let bytes = super::clouds::download(url).await.map_err(failed)?;
    String::from_utf8(bytes).map_err(|_| failed("the file is not UTF-8 text".to_owned()))
}
