//! Makes a case from a project, or from a cluster in the state store.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use super::{Case, GoldenError, Shared, Updated, store, update};
use crate::ops::lock;
use crate::ops::support::facts::{FactFinder, LookupOptions};
use crate::ops::sync::{self, Event, Sync};
use crate::project::{self, FILE_NAME, Project, resolve};
use kopsform_diagnostics::{Explain, with_causes};
use kopsform_env::Environment;
use kopsform_files::{Mode, TEXT_LIMIT, create_directories, read_bounded, read_text_bounded, replace};
use kopsform_model::facts::lock::FILE_NAME as LOCK_FILE;
use kopsform_pki::KeySource;
use kopsform_state::{ClusterStore, StateStore, encode};
use kopsform_terraform::ForeignFiles;

/// Where the inputs of a case come from.
pub enum Source<'s> {
    /// The project file in a directory.
    Project { dir: &'s Path, file: &'s Path },
    /// A cluster in the state store.
    Cluster { state: &'s StateStore, name: &'s str, lock: Option<&'s Path> },
}

/// A case that was made.
#[derive(Debug)]
pub struct Initialized {
    /// The lock file that facts were copied from; `None` if they were looked up.
    pub lock: Option<PathBuf>,
    /// Outputs whose sensitive values were replaced.
    pub replaced_outputs: Vec<String>,
    /// The first rendering.
    pub updated: Updated,
}

/// Stands for the value of a sensitive output.
const PLACEHOLDER: &str = "replaced-in-golden-test";

/// Makes a case in a directory that does not exist or is empty: copies the inputs, records facts, makes keysets for tests and
/// writes the expected files. If anything fails, the directory is as it was.
///
/// # Errors
/// If the source cannot be read, facts cannot be looked up, or the case cannot be rendered.
pub async fn init(
    dir: &Path,
    source: &Source<'_>,
    environment: &Environment,
    keys: Arc<dyn KeySource>,
) -> Result<Initialized, GoldenError> {
    let existed = dir.is_dir();
    if existed && fs::read_dir(dir).map_err(GoldenError::io("read the directory", dir))?.next().is_some() {
        return Err(GoldenError::Exists(dir.to_owned()));
    }
    create_directories(dir).map_err(GoldenError::io("create the directory", dir))?;
    let new = New { dir, environment, keys };
    let made = new.make(source).await;
    if made.is_err() {
        let _ = fs::remove_dir_all(dir);
        if existed {
            let _ = create_directories(dir);
        }
    }
    made
}

struct New<'n> {
    dir: &'n Path,
    environment: &'n Environment,
    keys: Arc<dyn KeySource>,
}

impl New<'_> {
    async fn make(&self, source: &Source<'_>) -> Result<Initialized, GoldenError> {
        let (lock, replaced_outputs) = match source {
            Source::Project { dir, file } => self.copy_project(dir, file).await?,
            Source::Cluster { state, name, lock } => (self.copy_cluster(state, name, *lock).await?, Vec::new()),
        };
        let case = Case { name: self.dir.display().to_string(), dir: self.dir.to_owned() };
        let root = self.dir.to_owned();
        // Rendering blocks, and has a runtime of its own.
        let results = std::thread::scope(|scope| scope.spawn(|| update(&root, &[case], 1, &|_| {})).join());
        let results = results.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        let (_, updated) = results.into_iter().next().ok_or_else(|| GoldenError::NoCases(self.dir.to_owned()))?;
        Ok(Initialized { lock, replaced_outputs, updated: updated? })
    }

    fn write(&self, name: &str, content: &[u8]) -> Result<(), GoldenError> {
        let path = self.dir.join(name);
        if let Some(parent) = path.parent() {
            create_directories(parent).map_err(GoldenError::io("create the directory", parent))?;
        }
        replace(&path, content, Mode::Keep(0o644)).map_err(GoldenError::io("write", &path))
    }

    fn copy(&self, from: &Path, to: &str) -> Result<(), GoldenError> {
        if !from.is_dir() {
            let content =
                read_bounded(from, TEXT_LIMIT).map_err(|error| GoldenError::io("read", from)(error.into()))?;
            return self.write(to, &content);
        }
        for entry in fs::read_dir(from).map_err(GoldenError::io("read the directory", from))? {
            let entry = entry.map_err(GoldenError::io("read the directory", from))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            self.copy(&entry.path(), &format!("{to}/{name}"))?;
        }
        Ok(())
    }

    /// Copies a project; returns its lock file and the outputs whose values were replaced.
    async fn copy_project(&self, dir: &Path, file: &Path) -> Result<(Option<PathBuf>, Vec<String>), GoldenError> {
        let text = read_text_bounded(file, TEXT_LIMIT).map_err(|error| GoldenError::io("read", file)(error.into()))?;
        let shown = file.display().to_string();
        let project = project::read(&shown, &text)?.object;
        let mut document: Value = kopsform_yaml::from_str(&shown, &text)?;
        let mut used = BTreeSet::new();
        for (field, paths) in
            [("templates", &project.templates), ("snippets", &project.snippets), ("values", &project.values)]
        {
            let mut copied = Vec::new();
            for path in paths {
                let from = resolve(dir, path);
                let name = unused(&mut used, field, &from);
                self.copy(&from, &name)?;
                copied.push(Value::from(name));
            }
            if !copied.is_empty() {
                document[field] = copied.into();
            }
        }
        if !project.ssh_key.is_empty() {
            let from = resolve(dir, &project.ssh_key);
            let name = unused(&mut used, "", &from);
            self.copy(&from, &name)?;
            document["sshKey"] = name.into();
        }
        let channel = resolve(dir, &project.channel);
        if !project.channel.is_empty() && channel.is_file() {
            let name = unused(&mut used, "", &channel);
            self.copy(&channel, &name)?;
            document["channel"] = name.into();
        }
        let replaced = self.outputs(&project, dir, &mut document).await?;
        let lock = resolve(dir, if project.lock.is_empty() { LOCK_FILE } else { &project.lock });
        let lock = Some(lock).filter(|path| path.is_file());
        if let Some(lock) = &lock {
            self.copy(lock, LOCK_FILE)?;
        }
        if let Some(fields) = document.as_object_mut() {
            fields.remove("rendered");
            fields.remove("prune");
            if !project.store.contains("://") {
                fields.insert("store".to_owned(), "state".into());
            }
        }
        document["lock"] = LOCK_FILE.into();
        document["terraform"]["out"] = "out".into();
        self.write(FILE_NAME, kopsform_yaml::to_string(&document).as_bytes())?;
        if lock.is_none() {
            self.look_up().await?;
        }
        Ok((lock, replaced))
    }

    /// Records the outputs of a project in a file, without sensitive values.
    async fn outputs(&self, project: &Project, dir: &Path, document: &mut Value) -> Result<Vec<String>, GoldenError> {
        let Some(source) = &project.outputs else { return Ok(Vec::new()) };
        let fetched = sync::fetch_outputs(source, dir).await.map_err(|error| failed(&error))?;
        let (mut outputs, mut replaced) = (fetched, Vec::new());
        for (name, output) in &mut outputs {
            if output.get("sensitive") == Some(&Value::Bool(true)) {
                if let Some(value) = output.get_mut("value") {
                    blank(value);
                }
                replaced.push(name.clone());
            }
        }
        let mut text = serde_json::to_string_pretty(&outputs).unwrap_or_default();
        text.push('\n');
        self.write("outputs.json", text.as_bytes())?;
        document["outputs"] = json!({ "file": "outputs.json" });
        Ok(replaced)
    }

    /// Records the facts that the case needs.
    async fn look_up(&self) -> Result<(), GoldenError> {
        let file = self.dir.join(FILE_NAME);
        let text =
            read_text_bounded(&file, TEXT_LIMIT).map_err(|error| GoldenError::io("read", &file)(error.into()))?;
        let project = project::read(&file.display().to_string(), &text)?.object;
        let address = Some(project.store.as_str()).filter(|store| store.contains("://"));
        let state = store::open(address, Shared::default().keysets.of_case(self.dir)?)?;
        let dir = self.dir.to_owned();
        let base = Sync::of_project(&project, dir, state, self.environment, self.keys.clone(), "golden init");
        let sync = Sync { foreign: ForeignFiles::Overwrite, ..base };
        let rendered = sync::render(&sync, &mut |_: Event| {}).await?;
        match rendered.lock {
            Some(lock) => lock.apply().map_err(|error| failed(&error)),
            None => Ok(()),
        }
    }

    /// Writes the specs and the SSH key of a cluster; returns its lock file.
    async fn copy_cluster(
        &self,
        state: &StateStore,
        name: &str,
        lock: Option<&Path>,
    ) -> Result<Option<PathBuf>, GoldenError> {
        let (store, cluster) = ClusterStore::load(state, name).await.map_err(|error| failed(&error))?;
        let store = store.located(&cluster.object).map_err(|error| failed(&error))?;
        let mut documents = vec![spec(&cluster.object)?];
        for group in store.instance_groups().await.map_err(|error| failed(&error))? {
            documents.push(spec(&group.object)?);
        }
        for object in store.additional_objects().await.map_err(|error| failed(&error))? {
            documents.push(kopsform_yaml::to_string(&object));
        }
        // A stored spec is not a template, so what looks like an action is text.
        let text = documents.join("---\n").replace("{{", "{{ \"{{\" }}");
        self.write("cluster.yml", text.as_bytes())?;
        let url = state.url().to_string();
        let is_bucket = state.is_readable_by_clusters();
        let mut project = json!({
            "templates": ["cluster.yml"],
            "store": if is_bucket { url.as_str() } else { "state" },
            "lock": LOCK_FILE,
            "terraform": { "out": "out" },
        });
        let keys = store.ssh_keys().await.map_err(|error| failed(&error))?;
        if let Some(key) = keys.values().next() {
            self.write("id.pub", key.as_bytes())?;
            project["sshKey"] = "id.pub".into();
        }
        self.write(FILE_NAME, kopsform_yaml::to_string(&project).as_bytes())?;
        if let Some(lock) = lock.filter(|lock| lock.is_file()) {
            self.copy(lock, LOCK_FILE)?;
            return Ok(Some(lock.to_owned()));
        }
        let path = self.dir.join(LOCK_FILE);
        let lookup = LookupOptions { lock: None, offline: false };
        let mut finder = FactFinder::open(&lookup, self.environment).map_err(|error| failed(&error))?;
        let plan =
            lock::plan(state, name, &path, &mut finder, self.environment).await.map_err(|error| failed(&error))?;
        plan.apply().map_err(|error| failed(&error))?;
        Ok(None)
    }
}

fn spec<T: serde::Serialize>(object: &T) -> Result<String, GoldenError> {
    let bytes = encode(object).map_err(|message| GoldenError::Source { message, hint: String::new() })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn failed(error: &dyn Explain) -> GoldenError {
    let hint = error.hints().into_iter().next();
    let hint = hint
        .unwrap_or_else(|| "a golden test needs its facts in kopsform.lock: `kopsform lock` records them".to_owned());
    GoldenError::Source { message: with_causes(error), hint }
}

/// A name below the new directory that is not used yet.
fn unused(used: &mut BTreeSet<String>, below: &str, from: &Path) -> String {
    let absolute = std::path::absolute(from).unwrap_or_else(|_| from.to_owned());
    let name = absolute.file_name().map_or_else(|| "input".to_owned(), |name| name.to_string_lossy().into_owned());
    let prefix = if below.is_empty() { String::new() } else { format!("{below}/") };
    let mut candidate = format!("{prefix}{name}");
    let mut count = 1;
    while !used.insert(candidate.clone()) {
        count += 1;
        candidate = format!("{prefix}{count}-{name}");
    }
    candidate
}

/// Replaces strings and numbers; what kind of value there is stays.
fn blank(value: &mut Value) {
    match value {
        Value::String(text) => *text = PLACEHOLDER.to_owned(),
        Value::Number(number) => *number = 0.into(),
        Value::Array(items) => items.iter_mut().for_each(blank),
        Value::Object(fields) => fields.values_mut().for_each(blank),
        _ => {}
    }
}
