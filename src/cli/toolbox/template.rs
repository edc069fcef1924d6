//! `toolbox template`.

use std::path::PathBuf;

use clap::ArgAction;
use clap::builder::BoolishValueParser;

use crate::cli::{CliError, Invocation, target};
use crate::ops::template::{
    ChannelSource, RenderOptions, ValuesOptions, eval_context, load_templates, load_values, write_text,
};
use kopsform_diagnostics::exit::ExitCode;
use kopsform_env as env;
use kopsform_spec::channel::DEFAULT_CHANNEL;
use kopsform_template::Value;

/// Render templates of cluster specs
///
/// Templates are Go templates with the functions of sprig and of kops (indent, include, ChannelRecommendedImage,
/// ChannelRecommendedKopsKubernetesVersion, ChannelRecommendedKubernetesUpgradeVersion), and toYaml and fromYaml.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct TemplateArgs {
    /// Name of the cluster, for templates that use .clusterName
    #[arg(value_name = "CLUSTER")]
    cluster: Option<String>,
    /// Template files, or directories of them
    #[arg(long, value_name = "PATH", value_delimiter = ',')]
    template: Vec<String>,
    /// Files of values, or directories of them, merged in order
    #[arg(long, value_name = "PATH", value_delimiter = ',')]
    values: Vec<String>,
    /// Values such as a.b=1, list[0]=x or list={x,y}
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Values that are always strings, such as a.b=1
    #[arg(long, value_name = "KEY=VALUE")]
    set_string: Vec<String>,
    /// Files of named templates, or directories of them
    #[arg(long, value_name = "PATH", value_delimiter = ',')]
    snippets: Vec<String>,
    /// Channel that the Channel functions use: stable is built in, others are files or URLs
    #[arg(long, default_value = DEFAULT_CHANNEL)]
    channel: String,
    /// Print one value and nothing else
    #[arg(long, value_name = "KEY")]
    config_value: Option<String>,
    /// Whether a missing key is an error; if not, it prints as <no value>
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_value_t = true,
        default_missing_value = "true", value_parser = BoolishValueParser::new())]
    fail_on_missing: bool,
    /// Format each document, which sorts its keys
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_value_t = false,
        default_missing_value = "true", value_parser = BoolishValueParser::new())]
    format_yaml: bool,
    /// Output file [default: standard output]
    #[arg(long, value_name = "FILE", alias = "output")]
    out: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  Render a cluster's spec with Terraform's outputs
    terraform output -json > values.json
    kopsform toolbox template --name demo.example.com --template cluster.yml --values values.json --out cluster.yaml

  Override a value
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
            let value = values.get(key).map_or_else(|| Ok("null".to_owned()), |value| printed(&value))?;
            invocation.ui.data(&format!("{value}\n"));
            return Ok(ExitCode::Done);
        }
        let options = RenderOptions {
            templates: self.template.clone(),
            snippets: self.snippets.clone(),
            fail_on_missing: self.fail_on_missing,
            format_yaml: self.format_yaml,
            channel: ChannelSource { location: self.channel.clone(), offline: false },
            eval_context: eval_context(environment),
        };
        let rendered = load_templates(options, environment).await?.render(&values.for_template())?;
        match &self.out {
            None => invocation.ui.data(&rendered.text),
            Some(path) => write_text(path, &rendered.text).map_err(|error| {
                CliError::message(format!("unable to write to the file {}: {error}", path.display()))
            })?,
        }
        Ok(ExitCode::Done)
    }
}

impl TemplateArgs {
    /// The cluster's name, if one is given: only templates that use it need it.
    fn cluster_name(&self, invocation: &Invocation) -> Result<Option<String>, CliError> {
        let given = self.cluster.is_some()
            || invocation.global.name.is_some()
            || invocation.environment.get(env::KOPS_CLUSTER_NAME).is_some()
            || invocation.project()?.is_some_and(|project| project.cluster.is_some());
        let arguments: Vec<String> = self.cluster.iter().cloned().collect();
        given.then(|| invocation.cluster_name(&arguments, target::Context::Ignored)).transpose()
    }
}

/// A value as `{{ value }}` prints it.
fn printed(value: &Value) -> Result<String, CliError> {
    kopsform_template::display(value).map_err(|error| CliError::message(error.message))
}
