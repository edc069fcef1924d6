//! `sync`.

use std::path::{Path, PathBuf};

use super::{CliError, Invocation};
use crate::ops::sync::{self, Event, Step, Sync, Synced};
use crate::project::{self, FILE_NAME};
use kopsform_diagnostics::exit::ExitCode;
use kopsform_state::MissingKeys;
use kopsform_terraform::Layout;

/// Do the whole loop of a project: outputs, templates, state store, Terraform
///
/// Reads kopsform.yaml, gets the outputs of Terraform, renders the cluster's templates with them, checks the spec, stores it
/// with the SSH key, records facts in the lock file and writes Terraform. Nothing is written before all of it is checked, and
/// what is right already is left alone. `kopsform schema project` prints what kopsform.yaml may hold.
#[derive(Debug, clap::Args)]
pub struct SyncArgs {
    /// Folder of the project, or its file if that is not called kopsform.yaml
    #[arg(long, value_name = "DIR", default_value = ".")]
    project: PathBuf,
    /// Use nothing but recorded facts
    #[arg(long)]
    offline: bool,
    /// Leave steps out
    #[arg(long, value_enum, value_name = "STEP", value_delimiter = ',')]
    skip: Vec<Step>,
    /// Refuse instead of making keysets and secrets that are missing
    #[arg(long)]
    no_create_keys: bool,
    /// How the steps are shown
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    output: Format,
}

/// How the steps are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A line each, as they end
    Text,
    /// An object at the end
    Json,
}

impl SyncArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let (dir, file) = self.place();
        let shown = file.display().to_string();
        let text = std::fs::read_to_string(&file).map_err(|error| {
            CliError::message(format!("cannot read the project {shown}: {error}"))
                .hint("give its folder with --project; `kopsform schema project` says what it holds")
        })?;
        let project = project::read(&shown, &text)?.object;
        let store = project.store_in(&dir).map_err(|error| CliError::message(error.to_string()))?;
        let url = invocation.state_url_or(store.as_deref())?;
        if let Some(store) = store.filter(|store| *store != url) {
            invocation.ui.note(&format!("state store {url}, instead of {store} of {shown}"));
        }
        let sync = Sync {
            project: &project,
            dir,
            state: crate::ops::stores::open_state(&url, &invocation.environment)?,
            name: invocation.named_cluster(),
            skip: self.skip.clone(),
            offline: self.offline,
            missing_keys: if self.no_create_keys { MissingKeys::Refuse } else { MissingKeys::Create },
            environment: &invocation.environment,
            keys: invocation.key_source()?,
            holder: invocation.holder("sync"),
        };
        let as_text = self.output == Format::Text;
        let ui = &invocation.ui;
        let mut tell = |event: Event| match event {
            Event::Step(step) if as_text => ui.data(&format!("{step}\n")),
            Event::Step(_) => {}
            Event::Warning(text) => ui.warn(&text),
            Event::Note(text) => ui.note(&text),
        };
        let synced = sync::run(&sync, &mut tell).await?;
        if as_text {
            ui.data(&format!("\n{}\n", summary(&synced, project.terraform_options().layout)));
        } else {
            let value = serde_json::json!({ "changed": synced.changed(), "out": synced.out, "steps": synced.steps });
            let text = serde_json::to_string_pretty(&value).map_err(|error| CliError::message(error.to_string()))?;
            ui.data(&format!("{text}\n"));
        }
        Ok(ExitCode::Done)
    }

    /// The project's folder and file.
    fn place(&self) -> (PathBuf, PathBuf) {
        if self.project.is_file() {
            let dir = self.project.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
            return (dir.to_owned(), self.project.clone());
        }
        let file = project::resolve(&self.project, FILE_NAME);
        (self.project.clone(), file)
    }
}

/// What the person looks for at the end.
fn summary(synced: &Synced, layout: Layout) -> String {
    let terraform = synced.steps.iter().find(|step| step.step == Step::Terraform);
    if !synced.changed() {
        return "No changes".to_owned();
    }
    match terraform {
        Some(step) if step.outcome != sync::Outcome::Skipped => match layout {
            Layout::Single => format!("kubernetes.tf: {}", synced.out.join("kubernetes.tf").display()),
            Layout::Split | Layout::Module => format!("Terraform files: {}", synced.out.display()),
        },
        _ => "No Terraform was written".to_owned(),
    }
}
