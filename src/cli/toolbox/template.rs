//! `toolbox template`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ArgAction;
use clap::builder::BoolishValueParser;

use crate::api::channel::DEFAULT_CHANNEL;
use crate::cli::{CliError, Invocation, target};
use crate::env::{self, Environment};
use crate::exit::ExitCode;
use crate::ops::channel;
use crate::ops::template::{ChannelSource, RenderOptions, ValuesOptions, load_values, render};
use crate::template::{Fault, Surroundings, Value};

/// Render templates of cluster specs
///
/// Templates are Go templates with sprig's functions, kops' own (indent, include, ChannelRecommendedImage,
/// ChannelRecommendedKopsKubernetesVersion, ChannelRecommendedKubernetesUpgradeVersion), and toYaml and fromYaml.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct TemplateArgs {
    /// Name of the cluster, for templates that ask for .clusterName
    #[arg(value_name = "CLUSTER")]
    cluster: Option<String>,
    /// Template files or folders of them
    #[arg(long, value_name = "PATH", value_delimiter = ',')]
    template: Vec<String>,
    /// Files of values or folders of them, merged in their order
    #[arg(long, value_name = "PATH", value_delimiter = ',')]
    values: Vec<String>,
    /// Values such as a.b=1, list[0]=x or list={x,y}
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Values that are always strings
    #[arg(long, value_name = "KEY=VALUE")]
    set_string: Vec<String>,
    /// Files of named templates or folders of them
    #[arg(long, value_name = "PATH", value_delimiter = ',')]
    snippets: Vec<String>,
    /// Channel that the Channel functions ask: stable is built in, others are files or URLs
    #[arg(long, default_value = DEFAULT_CHANNEL)]
    channel: String,
    /// Print one value and nothing else
    #[arg(long, value_name = "KEY")]
    config_value: Option<String>,
    /// Whether a key that the values lack is an error; otherwise it prints as <no value>
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_value_t = true,
        default_missing_value = "true", value_parser = BoolishValueParser::new())]
    fail_on_missing: bool,
    /// Read and write each document, so that its keys are sorted
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_value_t = false,
        default_missing_value = "true", value_parser = BoolishValueParser::new())]
    format_yaml: bool,
    /// File to write [default: standard output]
    #[arg(long, value_name = "FILE", alias = "output")]
    out: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  A cluster's spec from Terraform's outputs
    terraform output -json > values.json
    kopsform toolbox template --name demo.example.com --template cluster.yml --values values.json --out cluster.yaml

  Another size for one run
    kopsform toolbox template --name demo.example.com --template cluster.yml --values values.json --set nodes.max=20
";

impl TemplateArgs {
    pub(in crate::cli) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let environment = &invocation.environment;
        let values = load_values(
            &ValuesOptions {
                files: self.values.clone(),
                set: self.set.clone(),
                set_string: self.set_string.clone(),
                cluster_name: self.cluster_name(invocation)?,
            },
            environment,
        )?;
        for warning in &values.warnings {
            invocation.ui.warn(&warning.to_string());
        }
        if let Some(key) = self.config_value.as_deref().filter(|key| !key.is_empty()) {
            let text = values.get(key).map_or_else(|| Ok("null".to_owned()), |value| printed(&value))?;
            invocation.ui.data(&format!("{text}\n"));
            return Ok(ExitCode::Done);
        }
        let options = RenderOptions {
            templates: self.template.clone(),
            snippets: self.snippets.clone(),
            fail_on_missing: self.fail_on_missing,
            format_yaml: self.format_yaml,
            channel: channel_source(&self.channel, environment),
            surroundings: surroundings(environment),
        };
        let rendered = render(&options, &values.for_template(), environment)?;
        match &self.out {
            None => invocation.ui.data(&rendered.text),
            Some(path) => write(path, &rendered.text).map_err(|error| {
                CliError::message(format!("unable to write to the file {}: {error}", path.display()))
            })?,
        }
        Ok(ExitCode::Done)
    }
}

impl TemplateArgs {
    /// The cluster's name, if one is given; only a template that asks for it needs it.
    fn cluster_name(&self, invocation: &Invocation) -> Result<Option<String>, CliError> {
        let given = self.cluster.is_some()
            || invocation.global.name.is_some()
            || invocation.environment.get(env::KOPS_CLUSTER_NAME).is_some();
        let arguments: Vec<String> = self.cluster.iter().cloned().collect();
        given.then(|| invocation.cluster_name(&arguments, target::Context::Ignored)).transpose()
    }
}

/// A value as `{{ value }}` prints it.
fn printed(value: &Value) -> Result<String, CliError> {
    crate::template::display(value).map_err(|fault| CliError::message(fault.message))
}

/// Reads the channel the first time it is asked for; the functions that ask can't wait, so the thread does.
fn channel_source(location: &str, environment: &Environment) -> ChannelSource {
    let (location, environment) = (location.to_owned(), environment.clone());
    Arc::new(move || {
        if location == DEFAULT_CHANNEL {
            return Ok(crate::api::channel::Channel::stable().clone());
        }
        let load = channel::load(&location, false, &environment);
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(load))
            .map_err(|error| Fault::new(error.to_string()))
    })
}

/// What a template may learn on this machine: all that kops' may.
fn surroundings(environment: &Environment) -> Surroundings {
    Surroundings {
        environment: environment.clone(),
        now: Some(jiff::Timestamp::now()),
        zone: jiff::tz::TimeZone::system(),
        random: Some(Arc::new(|buffer: &mut [u8]| {
            getrandom::fill(buffer).map_err(|error| Fault::new(format!("no randomness: {error}")))
        })),
        resolver: Some(Arc::new(|host: &str| {
            use std::net::ToSocketAddrs as _;
            let addresses = (host, 0).to_socket_addrs();
            addresses.map(|all| all.map(|a| a.ip().to_string()).collect()).unwrap_or_default()
        })),
    }
}

/// Writes a file whole or not at all; what is no plain file, such as a pipe, is written to as it is.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let plain = std::fs::symlink_metadata(path).map_or(true, |meta| meta.is_file());
    if !plain {
        return std::fs::OpenOptions::new().write(true).truncate(true).open(path)?.write_all(text.as_bytes());
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = folder.join(format!(".{name}.{}", std::process::id()));
    let written = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o660)
        .open(&temporary)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| std::fs::rename(&temporary, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    written
}
