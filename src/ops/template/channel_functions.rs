//! The `Channel…` functions of templates. The channel is only read when one of them is really called.

use std::sync::{Arc, OnceLock};

use kopsform_spec::channel::Channel;
use kopsform_spec::versions::{KubernetesVersion, parse_tolerant};
use kopsform_template::{FunctionError, Functions, Outcome, Type};

/// Reads the channel, or says why it can't.
pub type ChannelSource = Arc<dyn Fn() -> Result<Channel, FunctionError> + Send + Sync>;

/// Go's, sprig's and kops' functions.
pub(super) fn functions(source: ChannelSource) -> Functions {
    let channel = Arc::new(Lazy { source, channel: OnceLock::new() });
    let mut functions = Functions::standard();
    let of = channel.clone();
    functions.register("ChannelRecommendedKubernetesUpgradeVersion", &[Type::Str], None, move |_, args| {
        upgrade(of.get()?, args.text(0))
    });
    let of = channel.clone();
    functions.register("ChannelRecommendedKopsKubernetesVersion", &[], None, move |_, _| {
        let version = of.get()?.recommended_kubernetes_version();
        Ok(version.ok_or_else(|| FunctionError::new("the channel names no Kubernetes version"))?.to_string().into())
    });
    functions.register("ChannelRecommendedImage", &[Type::Str, Type::Str, Type::Str], None, move |_, args| {
        image(channel.get()?, args.text(0), args.text(1), args.text(2))
    });
    functions
}

struct Lazy {
    source: ChannelSource,
    channel: OnceLock<Result<Channel, FunctionError>>,
}

impl Lazy {
    fn get(&self) -> Result<&Channel, FunctionError> {
        self.channel.get_or_init(|| (self.source)()).as_ref().map_err(Clone::clone)
    }
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
