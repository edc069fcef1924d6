//! The spec of a sync: rendered from templates, or the one that was rendered before.

use std::io;
use std::sync::Arc;

use super::secrets::Secrets;
use super::sensitive::{self, Dependence};
use super::steps::{Outcome, Step};
use super::{Run, Sync, SyncError, count, outputs};
use crate::ops::support::documents::InputFile;
use crate::ops::template::{
    ChannelSource, RenderOptions, Rendered, Values, ValuesOptions, eval_context, load_templates, load_values,
};
use crate::ops::validate_spec;
use crate::project::resolve;
use kopsform_diagnostics::Report;
use kopsform_env::features::Features;
use kopsform_files::{TEXT_LIMIT, read_text_bounded};
use kopsform_spec::channel::DEFAULT_CHANNEL;
use kopsform_spec::decode::{Decoding, Strictness};
use kopsform_template::{EvalContext, FunctionError};

/// The name in messages of a rendered spec that is not written to a file.
const UNNAMED: &str = "rendered spec";

pub(super) struct Spec {
    pub file: InputFile,
    /// The origin of its parts, if it was rendered by this run.
    rendered: Option<Rendered>,
    /// Which of its parts depend on sensitive outputs.
    dependence: Dependence,
    /// Names.
    clusters: Vec<String>,
}

impl Spec {
    /// Changes the locations of findings to those in the templates, and hides values that depend on sensitive outputs.
    pub fn trace(&self, report: &mut Report) {
        self.dependence.hide(&self.file.name, report);
        if let Some(rendered) = &self.rendered {
            rendered.trace(&self.file.name, report);
        }
    }
}

impl Run<'_, '_> {
    /// Renders and validates the spec. Nothing is written.
    pub(super) async fn spec(&mut self) -> Result<Spec, SyncError> {
        let values = self.values().await?;
        let mut spec = if self.skips(Step::Template) {
            Spec {
                file: self.rendered_before()?,
                rendered: None,
                dependence: Dependence::default(),
                clusters: Vec::new(),
            }
        } else {
            self.render(&values).await?
        };
        self.check(&mut spec)?;
        Ok(spec)
    }

    /// The outputs, overridden by the project's values.
    async fn values(&mut self) -> Result<Values, SyncError> {
        let Sync { project, dir, name, environment, .. } = self.sync;
        let mut values = Values::default();
        match &project.outputs {
            _ if self.skips(Step::Outputs) => self.skip(Step::Outputs, ""),
            _ if self.skips(Step::Template) => self.skip(Step::Outputs, "the step template is skipped"),
            None => self.skip(Step::Outputs, "the project has none"),
            Some(source) => {
                let (from, fetched) = outputs::fetch(source, dir).await.map_err(self.failed(Step::Outputs))?;
                self.secrets = Secrets::of_outputs(fetched.document());
                let number = fetched.document().len();
                if number == 0 {
                    self.warn(&format!("{from} has no outputs: was `terraform apply` run there?"));
                }
                values = fetched;
                self.end(Step::Outputs, Outcome::Done, format!("{from}: {}", count(number, "output")));
            }
        }
        if self.skips(Step::Template) {
            return Ok(values);
        }
        let files = project.values.iter().map(|file| resolve(dir, file).display().to_string()).collect();
        let options = ValuesOptions { files, ..ValuesOptions::default() };
        let own = load_values(&options, environment).map_err(self.failed(Step::Template))?;
        values.merge(own.document().clone());
        for warning in values.warnings.iter().chain(&own.warnings) {
            let warning = warning.to_string();
            self.warn(&warning);
        }
        let given = Some(&project.cluster).filter(|name| !name.is_empty());
        if let Some(name) = name.as_ref().or(given) {
            values.name_cluster(name);
        }
        Ok(values)
    }

    async fn render(&mut self, values: &Values) -> Result<Spec, SyncError> {
        let Sync { project, dir, environment, .. } = self.sync;
        let here = |paths: &[String]| paths.iter().map(|path| resolve(dir, path).display().to_string()).collect();
        let channel = if project.channel.is_empty() { DEFAULT_CHANNEL } else { &project.channel };
        // The channel may be a file of the project; any other name is not changed.
        let in_project = resolve(dir, channel);
        let channel = if in_project.is_file() { in_project.display().to_string() } else { channel.to_owned() };
        let options = RenderOptions {
            templates: here(&project.templates),
            snippets: here(&project.snippets),
            fail_on_missing: true,
            format_yaml: false,
            channel: ChannelSource { location: channel, offline: self.sync.offline },
            eval_context: self.eval_context(),
        };
        let templates = load_templates(options, environment).await.map_err(self.failed(Step::Template))?;
        let rendered = templates
            .render(&values.for_template())
            .map_err(|error| sensitive::hide_in_error(error, &templates, values))
            .map_err(self.failed(Step::Template))?;
        let dependence = Dependence::of(&rendered, &templates, values);
        self.secrets.add(dependence.forms.iter().cloned());
        let name = if project.rendered.is_empty() {
            UNNAMED.to_owned()
        } else {
            resolve(dir, &project.rendered).display().to_string()
        };
        let file = InputFile { name, content: rendered.text.clone() };
        Ok(Spec { file, rendered: Some(rendered), dependence, clusters: Vec::new() })
    }

    /// Templates have the time and the randomness of the run, so that a run with given ones always renders the same. Without any
    /// environment there is no machine to ask, either: the time zone is UTC, and names are not resolved.
    fn eval_context(&self) -> EvalContext {
        let Sync { environment, keys, .. } = self.sync;
        let random = keys.clone();
        let machine = match environment.variables().is_empty() {
            true => EvalContext::default(),
            false => eval_context(environment),
        };
        EvalContext {
            now: Some(keys.now()),
            random: Some(Arc::new(move |buffer: &mut [u8]| {
                random.random(buffer).map_err(|error| FunctionError::new(format!("no randomness: {error}")))
            })),
            ..machine
        }
    }

    /// The spec that was rendered before.
    fn rendered_before(&mut self) -> Result<InputFile, SyncError> {
        let Sync { project, dir, .. } = self.sync;
        if project.rendered.is_empty() {
            let message = "the step template cannot be skipped: the project does not keep the rendered spec".to_owned();
            return Err(SyncError::message(Step::Template, message, "set `rendered` to a file"));
        }
        let path = resolve(dir, &project.rendered);
        let content = read_text_bounded(&path, TEXT_LIMIT).map_err(|error| {
            let message = format!("cannot read the rendered spec {}: {}", path.display(), io::Error::from(error));
            SyncError::message(Step::Template, message, "do not skip the step template")
        })?;
        let name = path.display().to_string();
        self.skip(Step::Template, &format!("using {name} from an earlier run"));
        Ok(InputFile { name, content })
    }

    fn check(&mut self, spec: &mut Spec) -> Result<(), SyncError> {
        let features = Features::from_environment(self.sync.environment);
        let files = std::slice::from_ref(&spec.file);
        let (decodings, mut report) = validate_spec::check(files, &features, Strictness::Lenient);
        report.allow(self.sync.allowed);
        let clusters = decodings.iter().flat_map(Decoding::clusters);
        spec.clusters = clusters.map(|cluster| cluster.object.metadata.name.clone()).collect();
        if self.skips(Step::Validate) {
            self.skip(Step::Validate, "");
            return Ok(());
        }
        if report.has_errors() {
            spec.trace(&mut report);
            return Err(SyncError::report(Step::Validate, report, &self.secrets));
        }
        let groups = decodings.iter().flat_map(Decoding::instance_groups).count();
        self.warnings(spec, &mut report);
        let warnings = report.warning_count();
        let detail = format!(
            "{}, {}, {}",
            count(spec.clusters.len(), "cluster"),
            count(groups, "instance group"),
            count(warnings, "warning")
        );
        self.end(Step::Validate, Outcome::Done, detail);
        Ok(())
    }

    /// Reports warnings about a spec with their locations in the templates.
    pub(super) fn warnings(&mut self, spec: &Spec, report: &mut Report) {
        spec.trace(report);
        self.secrets.clean_report(report);
        for warning in report.warnings() {
            (self.report)(super::Event::Warning(warning.to_string()));
        }
    }

    /// The name of the cluster in the spec, which must be the requested one.
    pub(super) fn cluster(&self, spec: &Spec) -> Result<String, SyncError> {
        let Sync { project, name, .. } = self.sync;
        let given = Some(&project.cluster).filter(|name| !name.is_empty());
        let requested = name.as_ref().or(given);
        let step = Step::Validate;
        match (spec.clusters.as_slice(), requested) {
            ([], _) => {
                let message = format!("there is no cluster in {}", spec.file.name);
                Err(SyncError::message(step, message, "templates render one document of `kind: Cluster`"))
            }
            ([one], Some(requested)) if one != requested => {
                let message = format!("the templates render the cluster {one}, not {requested}");
                Err(SyncError::message(step, message, "change the values of the templates, or the requested name"))
            }
            ([one], _) => Ok(one.clone()),
            (several, _) => {
                let message =
                    format!("the templates render {}: {}", count(several.len(), "cluster"), several.join(", "));
                Err(SyncError::message(step, message, "a project has one cluster: create a project for each"))
            }
        }
    }
}
