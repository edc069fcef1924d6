//! `diff`.

use std::path::{Path, PathBuf};

use super::allow::AllowArgs;
use super::flags::{Choice, LookupArgs, choices};
use super::output::{self, Rendered};
use super::style::Paint;
use super::target::Context;
use super::{CliError, Invocation, progress};
use crate::ops::diff::{self, Diff, Format, New, Old};
use crate::ops::support::documents::read_files;
use crate::ops::support::stores::open_state;
use crate::project::{self, FILE_NAME, Project};
use kopsform_diagnostics::exit::ExitCode;
use kopsform_files::{TEXT_LIMIT, read_text_bounded};
use kopsform_state::StateStore;

/// Show the effect of changed specs
///
/// Renders the project in the working directory, the files of -f or the stored specs, and compares the result with that of the
/// stored specs, with an output directory, or with the project at a Git revision. Shows the resources that Terraform changes, or
/// CloudFormation if that is the project's target, the files in the state store that change, and which instance groups need a rolling
/// update and why. Writes nothing. Exits with 2 if there are differences, with 1 if there is an error.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct DiffArgs {
    /// Name of the cluster
    #[arg(value_name = "CLUSTER")]
    cluster: Option<String>,
    /// Files with specs to compare, separated by commas; `-` is standard input
    #[arg(short, long, value_name = "FILE", value_delimiter = ',', conflicts_with_all = ["project", "stored"])]
    filename: Vec<String>,
    /// Directory of the project, or its file if that is not named kopsform.yaml [default: this directory or the nearest above]
    #[arg(long, value_name = "DIR")]
    project: Option<PathBuf>,
    /// Render the stored specs, even if there is a project
    #[arg(long, conflicts_with = "project")]
    stored: bool,
    /// Compare with an output directory instead of the state store
    #[arg(long, value_name = "DIR")]
    against: Option<PathBuf>,
    /// Compare with the project at a Git revision, such as origin/main
    #[arg(long, value_name = "REV", conflicts_with_all = ["against", "filename", "stored"])]
    from: Option<String>,
    /// With --from: do not read the state store, and compare the two revisions alone; missing keys are made for both
    #[arg(long, requires = "from")]
    no_store: bool,
    #[command(flatten)]
    lookup: LookupArgs,
    #[command(flatten)]
    allow: AllowArgs,
    /// Output format
    #[arg(short, long, value_parser = choices(FORMATS), default_value = "text")]
    output: Rendered<Format>,
}

const FORMATS: [Choice<Rendered<Format>>; 3] = [
    ("text", Rendered::As(Format::Text), "As a review: resources, files, rolling updates"),
    ("json", Rendered::As(Format::Json), "A JSON object"),
    ("yaml", Rendered::Yaml, "The same as YAML"),
];

const EXAMPLES: &str = "\
Examples:
  What the templates of the project change
    kopsform diff

  In a pull request: what the branch changes
    kopsform diff --from origin/main --offline

  The same without access to the state store
    kopsform diff --from origin/main --offline --no-store

  What a new release of kopsform changes in files that an earlier one wrote
    kopsform diff demo.example.com --against out/terraform

  What newer facts change, such as images
    kopsform diff demo.example.com --stored --lock new.lock
";

/// A project file with its directory.
struct Found {
    project: Project,
    dir: PathBuf,
}

impl DiffArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let found = if self.filename.is_empty() && !self.stored { self.found(invocation)? } else { None };
        let (new, cluster) = match &found {
            Some(found) => (New::Project { project: &found.project, dir: found.dir.clone() }, self.named(invocation)?),
            None if !self.filename.is_empty() => {
                (New::Files(read_files(&self.filename, &invocation.environment).await?), None)
            }
            None if self.from.is_some() => {
                let message = "--from needs a project, and there is no kopsform.yaml here or above";
                return Err(CliError::message(message).hint("name its directory with --project"));
            }
            None if self.against.is_none() && self.lookup.lock.is_none() => {
                let message = "the stored specs would be compared with themselves";
                return Err(CliError::message(message)
                    .hint("add -f FILE, --lock FILE or --against DIR, or run it in the directory of a kopsform.yaml"));
            }
            None => (New::Stored, Some(invocation.cluster_name(self.cluster.as_slice(), Context::Allowed)?)),
        };
        let allowed = match &found {
            Some(found) => self.allow.given()?.and(found.project.allowed()),
            None => self.allow.rules(invocation)?,
        };
        let usual = LookupArgs { lock: None, offline: self.lookup.offline };
        let usual_lock = if found.is_some() { None } else { invocation.lookup(&usual)?.lock };
        let diff = Diff {
            state: self.state(&self.store(found.as_ref(), invocation)?, invocation)?,
            cluster,
            new,
            old: match (&self.against, &self.from) {
                (Some(dir), _) => Old::Directory(dir.clone()),
                (None, Some(revision)) => Old::Revision(revision.clone()),
                (None, None) => Old::Store,
            },
            lock: self.lookup.lock.clone(),
            usual_lock,
            offline: self.lookup.offline,
            allowed,
            target: project::Files::of(invocation.project()?.and_then(|project| project.target)),
            environment: &invocation.environment,
            keys: invocation.key_source()?,
        };
        let mut warn = |warning: String| invocation.ui.warn(&warning);
        progress::phase("rendering and comparing both sides");
        let outcome = diff::run(&diff, &mut warn).await?;
        let format = self.output.format(Format::Json);
        let paint = (format == Format::Text).then_some(Paint::Changes);
        output::print(invocation, self.output, paint, diff::render(&outcome, format))?;
        Ok(if outcome.differs() { ExitCode::ChangeNeeded } else { ExitCode::Done })
    }

    /// The project, if there is one with templates.
    fn found(&self, invocation: &Invocation) -> Result<Option<Found>, CliError> {
        let Some(given) = self.project.clone().or_else(|| invocation.project_dir()) else { return Ok(None) };
        let (dir, file) = if given.is_file() {
            let dir = given.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
            (dir.to_owned(), given)
        } else {
            let file = project::resolve(&given, FILE_NAME);
            (given, file)
        };
        let shown = file.display().to_string();
        let text = read_text_bounded(&file, TEXT_LIMIT).map_err(|error| {
            CliError::message(format!("cannot read the project {shown}: {}", std::io::Error::from(error)))
        })?;
        if self.project.is_none() && self.from.is_none() && !project::defaults(&dir, &text)?.has_templates {
            // It has only defaults of commands.
            return Ok(None);
        }
        Ok(Some(Found { project: project::read(&shown, &text)?.object, dir }))
    }

    fn state(&self, url: &str, invocation: &Invocation) -> Result<StateStore, CliError> {
        if self.no_store { Ok(diff::empty_store(url)?) } else { Ok(open_state(url, &invocation.environment)?) }
    }

    /// The URL of the state store.
    fn store(&self, found: Option<&Found>, invocation: &Invocation) -> Result<String, CliError> {
        let Some(Found { project, dir }) = found else { return invocation.state_url() };
        let store = project.store_in(dir).map_err(|error| CliError::message(error.to_string()))?;
        invocation.state_url_or(|| Ok(store))
    }

    /// The cluster that a flag, the environment or the argument names.
    fn named(&self, invocation: &Invocation) -> Result<Option<String>, CliError> {
        match (invocation.named_cluster(), &self.cluster) {
            (Some(_), Some(_)) | (None, Some(_)) => {
                Ok(Some(invocation.cluster_name(self.cluster.as_slice(), Context::Ignored)?))
            }
            (named, None) => Ok(named),
        }
    }
}
