//! The `Channel…` functions of templates, which kops adds to Go's and sprig's.

use std::sync::Arc;

use crate::ops::support::channel;
use kopsform_env::Environment;
use kopsform_spec::channel::Channel;
use kopsform_spec::versions::{KubernetesVersion, parse_tolerant};
use kopsform_template::{FunctionError, Functions, Outcome, Type};

/// What the names of all functions here begin with.
const PREFIX: &str = "ChannelRecommended";

/// Which channel the functions ask. It is read only for templates that name one of them: that can take the network.
#[derive(Debug, Clone)]
pub struct ChannelSource {
    /// A name, path or URL, as for `--channel`.
    pub location: String,
    /// Whether the network must not be used.
    pub offline: bool,
}

impl ChannelSource {
    /// Reads the channel if one of the templates may use it. A channel that cannot be read is an error of the function that uses it.
    pub(super) async fn load<'t>(
        &self,
        sources: impl Iterator<Item = &'t str>,
        environment: &Environment,
    ) -> Result<Channel, FunctionError> {
        if !sources.into_iter().any(|source| source.contains(PREFIX)) {
            return Err(FunctionError::new("the channel was not read"));
        }
        let loaded = channel::load(&self.location, self.offline, environment).await;
        loaded.map_err(|error| FunctionError::new(error.to_string()))
    }
}

/// Go's, sprig's and kops' functions.
pub(super) fn functions(channel: Result<Channel, FunctionError>) -> Functions {
    let channel = Arc::new(channel);
    let mut functions = Functions::standard();
    let of = channel.clone();
    functions.register("ChannelRecommendedKubernetesUpgradeVersion", &[Type::Str], None, move |_, args| {
        upgrade(loaded(&of)?, args.text(0))
    });
    let of = channel.clone();
    functions.register("ChannelRecommendedKopsKubernetesVersion", &[], None, move |_, _| {
        let version = loaded(&of)?.recommended_kubernetes_version();
        Ok(version.ok_or_else(|| FunctionError::new("the channel names no Kubernetes version"))?.to_string().into())
    });
    functions.register("ChannelRecommendedImage", &[Type::Str, Type::Str, Type::Str], None, move |_, args| {
        image(loaded(&channel)?, args.text(0), args.text(1), args.text(2))
    });
    functions
}

fn loaded(channel: &Result<Channel, FunctionError>) -> Result<&Channel, FunctionError> {
    channel.as_ref().map_err(Clone::clone)
}

fn upgrade(channel: &Channel, version: &str) -> Outcome {
    let version = KubernetesVersion::parse(version).map_err(|_| FunctionError::new("not a Kubernetes version"))?;
    let advice = channel.kubernetes_advice(version.version());
    match advice.and_then(|advice| advice.recommended_over(version.version())) {
        Some(recommended) => Ok(recommended.to_string().into()),
        None => Err(FunctionError::new(format!("the channel recommends nothing newer than {version}"))),
    }
}

fn image(channel: &Channel, cloud: &str, version: &str, architecture: &str) -> Outcome {
    let parsed = parse_tolerant(version).unwrap_or(semver::Version::new(0, 0, 0));
    match channel.image_of(cloud, &parsed, architecture) {
        Some(image) => Ok(image.into()),
        None => Err(FunctionError::new(format!(
            "the channel has no {architecture} image for Kubernetes {parsed} on {cloud:?}"
        ))),
    }
}
