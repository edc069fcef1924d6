//! Finding a channel: built in, in a file, in a state store's bucket, or published on the web.

use std::path::Path;

use kopsform_diagnostics::{Explain, Report};
use kopsform_env::Environment;
use kopsform_files::{TEXT_LIMIT, read_text_bounded};
use kopsform_spec::channel::{CHANNEL_BASE, Channel, DEFAULT_CHANNEL};
use kopsform_spec::v1alpha2::Cluster;

/// Why a channel could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    #[error("error loading channel {location:?}: {source}")]
    File {
        /// The channel, as named in the spec or on the command line.
        location: String,
        source: std::io::Error,
    },
    /// In a store or on the web.
    #[error("error loading channel {location:?}: {reason}")]
    Remote {
        /// The channel, as named in the spec or on the command line.
        location: String,
        reason: String,
    },
    /// Requires network access (--offline).
    #[error("error loading channel {0:?}: it requires network access, which --offline forbids")]
    Offline(String),
    /// The file is not a channel.
    #[error("error loading channel {location:?}: {report}")]
    Invalid {
        /// The channel, as named in the spec or on the command line.
        location: String,
        report: Report,
    },
}

impl Explain for ChannelError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Invalid { .. } => Vec::new(),
            _ => vec!["the channel `stable` is built in and needs no network".to_owned()],
        }
    }
}

/// The channel of a cluster, which recommends versions and images. As in kops, a channel that cannot be read is not an error:
/// there are no recommendations then, and the second value says why.
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

/// Reads a channel. `stable` is built in and `none` is empty. A path (with a slash, or of an existing file) and URLs with
/// `file://`, `s3://`, `http://` or `https://` say where it is; any other name is looked up where kops publishes channels.
///
/// # Errors
/// If it cannot be read, requires the network while `offline`, or is not a channel.
pub async fn load(location: &str, offline: bool, environment: &Environment) -> Result<Channel, ChannelError> {
    match location {
        DEFAULT_CHANNEL => return Ok(Channel::stable().clone()),
        "none" => return Ok(Channel::default()),
        _ => {}
    }
    tracing::info!(location = super::documents::loggable(location), "loading channel");
    let is_file = location.contains('/') || Path::new(location).exists();
    let text = match location.split_once("://") {
        None if is_file => {
            let read = read_text_bounded(Path::new(location), TEXT_LIMIT);
            read.map_err(|error| ChannelError::File { location: location.to_owned(), source: error.into() })?
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
    let failed = |reason: String| ChannelError::Remote { location: location.to_owned(), reason };
    let (directory, key) = location.rsplit_once('/').unwrap_or((location, ""));
    let store = super::stores::open(directory, environment).map_err(|e| failed(e.to_string()))?;
    let stored = store.read(key).await.map_err(|e| failed(e.to_string()))?;
    let bytes = stored.ok_or_else(|| failed("it does not exist".to_owned()))?.bytes;
    String::from_utf8(bytes.to_vec()).map_err(|_| failed("it is not UTF-8".to_owned()))
}

async fn download(location: &str, url: &str) -> Result<String, ChannelError> {
    let failed = |reason: String| ChannelError::Remote { location: location.to_owned(), reason };
    let bytes = crate::ops::clouds::download(url).await.map_err(failed)?;
    String::from_utf8(bytes).map_err(|_| failed("the file is not UTF-8 text".to_owned()))
}
