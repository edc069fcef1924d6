//! Changes to kubeconfig files: an entry is changed in the file that has it, a new one goes to the first file.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use zeroize::{Zeroize as _, Zeroizing};

use super::entry::Entry;
use super::files::named;
use kopsform_diagnostics::Explain;
use kopsform_files::{Mode, TEXT_LIMIT, read_text_bounded, replace};

/// How long to wait for another program that is changing the same file.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to sleep between two attempts.
const PAUSE: Duration = Duration::from_millis(50);

/// Why the configuration could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// There is no file to write to.
    #[error("no kubeconfig can be written: neither KUBECONFIG nor HOME is set")]
    NoPlace,
    /// A file could not be read or written.
    #[error("cannot {action} kubeconfig {}: {source}", .path.display())]
    File {
        /// `read` or `write`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// A file is not a kubeconfig. Its content is not repeated: it may hold tokens.
    #[error("kubeconfig {} is malformed{}", .path.display(), .line.map(|l| format!(" at line {l}")).unwrap_or_default())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, where it is known.
        line: Option<usize>,
    },
    /// The user to log in as does not exist.
    #[error("could not find user {0:?}")]
    NoUser(String),
    /// Another program is changing the file, or was killed while it did.
    #[error("kubeconfig {} is locked by another program", .0.display())]
    Locked(PathBuf),
}

impl Explain for ConfigError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::NoPlace => vec!["set KUBECONFIG, or name a file with --kubeconfig".to_owned()],
            Self::NoUser(_) => {
                vec!["`kubectl config get-users` lists them; --admin creates one for the cluster".to_owned()]
            }
            Self::Locked(path) => {
                vec![format!("delete {} if no kubectl or kopsform is running", lock_path(path).display())]
            }
            Self::Malformed { .. } => vec!["repair the file, or name another with --kubeconfig".to_owned()],
            Self::File { .. } => Vec::new(),
        }
    }
}

/// One file with its content; private keys in it are wiped when dropped.
struct File {
    path: PathBuf,
    content: Value,
    exists: bool,
    changed: bool,
}

impl File {
    fn make_current(&mut self, context: &str) {
        if let Some(content) = object(&mut self.content) {
            content.insert("current-context".to_owned(), context.into());
            self.changed = true;
        }
    }
}

impl Drop for File {
    fn drop(&mut self) {
        wipe(&mut self.content);
    }
}

/// A kubeconfig, from one file or several.
pub struct Kubeconfig {
    files: Vec<File>,
    /// The lock files, removed when dropped.
    _locks: Vec<Lock>,
}

impl Kubeconfig {
    /// Reads files in order of precedence. They stay locked, as kubectl locks them, until this is dropped, so that no change of
    /// another program is lost. A file that does not exist counts as empty.
    ///
    /// # Errors
    /// When no file is given, one cannot be read, or another program keeps it locked.
    pub fn open(paths: Vec<PathBuf>) -> Result<Self, ConfigError> {
        if paths.is_empty() {
            return Err(ConfigError::NoPlace);
        }
        let several = paths.len() > 1;
        let mut locks = Vec::new();
        for path in &paths {
            // Of several files, those that are missing are not written, except the last.
            if !several || path.exists() || Some(path) == paths.last() {
                locks.push(Lock::take(path)?);
            }
        }
        let files = paths.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { files, _locks: locks })
    }

    /// Adds or updates a cluster with its user and context, and makes the context current.
    ///
    /// # Errors
    /// When the entry names a user that does not exist.
    pub fn put(&mut self, entry: &Entry) -> Result<(), ConfigError> {
        if let super::Login::Existing(user) = &entry.login
            && !self.files.iter().any(|file| named(&file.content, "users", user).is_some())
        {
            return Err(ConfigError::NoUser(user.clone()));
        }
        self.edit("clusters", "cluster", &entry.name, |fields| entry.fill_cluster(fields));
        if entry.user() == Some(&entry.name) {
            self.edit("users", "user", &entry.name, |fields| entry.fill_user(fields));
        }
        self.edit("contexts", "context", &entry.name, |fields| entry.fill_context(fields));
        let file = self.holder_of_current();
        if let Some(file) = self.files.get_mut(file) {
            file.make_current(&entry.name);
        }
        Ok(())
    }

    /// Removes everything of a cluster. Returns whether there was any configuration at all.
    pub fn remove(&mut self, name: &str) -> bool {
        let gone = [("clusters", name), ("contexts", name), ("users", name)];
        let basic = format!("{name}-basic-auth");
        for file in &mut self.files {
            for (list, name) in gone.iter().copied().chain([("users", basic.as_str())]) {
                let Some(entries) = file.content.get_mut(list).and_then(Value::as_array_mut) else { continue };
                let before = entries.len();
                entries.retain(|entry| entry.get("name").and_then(Value::as_str) != Some(name));
                file.changed |= entries.len() != before;
            }
            if file.content.get("current-context").and_then(Value::as_str) == Some(name) {
                file.make_current("");
            }
        }
        self.files.iter().any(|file| file.content.as_object().is_some_and(|fields| !fields.is_empty()))
    }

    /// Whether there is a context of a name.
    pub fn has_context(&self, name: &str) -> bool {
        self.files.iter().any(|file| named(&file.content, "contexts", name).is_some())
    }

    /// Whether the context of a name has a user that exists.
    pub fn has_user(&self, context: &str) -> bool {
        let context = self.files.iter().find_map(|file| named(&file.content, "contexts", context)?.get("context"));
        let user = context.and_then(|context| context.get("user")?.as_str()).filter(|user| !user.is_empty());
        user.is_some_and(|user| self.files.iter().any(|file| named(&file.content, "users", user).is_some()))
    }

    /// Writes the files that changed, each as a whole, readable for its owner only.
    pub fn save(&mut self) -> Result<(), ConfigError> {
        for file in self.files.iter_mut().filter(|file| file.changed) {
            let text = Zeroizing::new(kopsform_yaml::to_string(&file.content));
            replace(&file.path, text.as_bytes(), Mode::Private).map_err(|source| ConfigError::File {
                action: "write",
                path: file.path.clone(),
                source,
            })?;
            file.changed = false;
        }
        Ok(())
    }

    /// Changes the entry of a name in one of the lists, in the file that has it or the one for new entries.
    fn edit(&mut self, list: &str, field: &str, name: &str, change: impl FnOnce(&mut Map<String, Value>)) {
        let holder = self.files.iter().position(|file| named(&file.content, list, name).is_some());
        let index = holder.unwrap_or_else(|| self.new_entries());
        let Some(file) = self.files.get_mut(index) else { return };
        file.changed = true;
        let Some(content) = object(&mut file.content) else { return };
        content.entry("apiVersion").or_insert_with(|| "v1".into());
        content.entry("kind").or_insert_with(|| "Config".into());
        let entries = content.entry(list).or_insert_with(|| json!([]));
        if !entries.is_array() {
            *entries = json!([]);
        }
        let Some(entries) = entries.as_array_mut() else { return };
        let found = entries.iter().position(|entry| entry.get("name").and_then(Value::as_str) == Some(name));
        let index = found.unwrap_or_else(|| {
            entries.push(json!({ "name": name }));
            entries.len() - 1
        });
        let entry = entries.get_mut(index).and_then(object);
        if let Some(fields) = entry.and_then(|entry| object(entry.entry(field).or_insert_with(|| json!({})))) {
            change(fields);
        }
    }

    /// The file for new entries: the first that exists, else the last, as kubectl chooses.
    fn new_entries(&self) -> usize {
        self.files.iter().position(|file| file.exists).unwrap_or(self.files.len() - 1)
    }

    /// The file that names the current context.
    fn holder_of_current(&self) -> usize {
        let says =
            |file: &File| file.content.get("current-context").and_then(Value::as_str).is_some_and(|c| !c.is_empty());
        self.files.iter().position(says).unwrap_or_else(|| self.new_entries())
    }
}

/// The files that adding the entries would change. Nothing is written, so nothing is locked.
///
/// # Errors
/// As for [`Kubeconfig::open`] and [`Kubeconfig::put`].
pub fn differences(paths: &[PathBuf], entries: &[Entry]) -> Result<Vec<PathBuf>, ConfigError> {
    if paths.is_empty() {
        return Err(ConfigError::NoPlace);
    }
    let files = || paths.iter().cloned().map(read).collect::<Result<Vec<File>, _>>();
    let mut after = Kubeconfig { files: files()?, _locks: Vec::new() };
    for entry in entries {
        after.put(entry)?;
    }
    let before = files()?;
    let changed = before.iter().zip(&after.files).filter(|(before, after)| before.content != after.content);
    Ok(changed.map(|(_, after)| after.path.clone()).collect())
}

fn read(path: PathBuf) -> Result<File, ConfigError> {
    let text = match read_text_bounded(&path, TEXT_LIMIT) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(File { path, content: json!({}), exists: false, changed: false });
        }
        Err(error) => return Err(ConfigError::File { action: "read", path, source: error.into() }),
    };
    if text.trim().is_empty() {
        return Ok(File { path, content: json!({}), exists: true, changed: false });
    }
    match kopsform_yaml::from_str::<Map<String, Value>>("", &text) {
        Ok(fields) => Ok(File { path, content: fields.into(), exists: true, changed: false }),
        Err(report) => {
            let line = report.findings.first().and_then(|finding| Some(finding.location.as_ref()?.line));
            Err(ConfigError::Malformed { path, line })
        }
    }
}

/// The fields of a value, which becomes an object if it is something else.
fn object(value: &mut Value) -> Option<&mut Map<String, Value>> {
    if !value.is_object() {
        *value = json!({});
    }
    value.as_object_mut()
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(fields) => fields.values_mut().for_each(wipe),
        _ => {}
    }
}

fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

/// The lock file of a kubeconfig, which kubectl uses too.
struct Lock(PathBuf);

impl Lock {
    fn take(path: &Path) -> Result<Self, ConfigError> {
        let failed = |source| ConfigError::File { action: "write", path: path.to_owned(), source };
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory).map_err(failed)?;
        }
        let lock = lock_path(path);
        let began = Instant::now();
        loop {
            match OpenOptions::new().write(true).create_new(true).open(&lock) {
                Ok(_) => return Ok(Self(lock)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(source) => return Err(failed(source)),
            }
            if began.elapsed() > PATIENCE {
                return Err(ConfigError::Locked(path.to_owned()));
            }
            std::thread::sleep(PAUSE);
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Login;

    fn entry(login: Login) -> Entry {
        Entry {
            name: "demo.example.com".to_owned(),
            server: "https://api.demo.example.com".to_owned(),
            tls_server_name: "api.internal.demo.example.com".to_owned(),
            authority: Some("CA".to_owned()),
            login,
        }
    }

    fn admin() -> Login {
        Login::Certificate { certificate: "CERT".to_owned(), key: Zeroizing::new("KEY".to_owned()) }
    }

    fn content(path: &Path) -> Value {
        kopsform_yaml::from_str("", &std::fs::read_to_string(path).unwrap()).unwrap()
    }

    const OTHER: &str = "apiVersion: v1\nkind: Config\npreferences: {}\ncurrent-context: other\nclusters:\n- name: other\n  \
        cluster: {server: 'https://other', proxy-url: 'http://proxy'}\ncontexts:\n- name: other\n  context: {cluster: other, \
        user: jane, namespace: web}\nusers:\n- name: jane\n  user: {token: t0ken}\n";

    #[test]
    fn existing_entries_stay() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config");
        std::fs::write(&path, OTHER).unwrap();
        let before = content(&path);
        let mut config = Kubeconfig::open(vec![path.clone()]).unwrap();
        config.put(&entry(admin())).unwrap();
        config.save().unwrap();
        let after = content(&path);
        assert_eq!(after["clusters"][0], before["clusters"][0]);
        assert_eq!(after["contexts"][0], before["contexts"][0]);
        assert_eq!(after["users"][0], before["users"][0]);
        assert_eq!(after["current-context"], "demo.example.com");
        let user = &after["users"][1]["user"];
        assert_eq!((&user["client-certificate-data"], &user["client-key-data"]), (&json!("Q0VSVA=="), &json!("S0VZ")));
        assert_eq!(after["contexts"][1]["context"]["user"], "demo.example.com");
        drop(config);
        assert!(!lock_path(&path).exists());
    }

    #[test]
    fn a_removed_cluster_leaves_the_others() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config");
        std::fs::write(&path, OTHER).unwrap();
        let before = content(&path);
        let mut config = Kubeconfig::open(vec![path.clone()]).unwrap();
        config.put(&entry(admin())).unwrap();
        assert!(config.remove("demo.example.com"));
        config.save().unwrap();
        let mut after = content(&path);
        assert_eq!(after["current-context"], "");
        after["current-context"] = before["current-context"].clone();
        assert_eq!(after, before);
    }

    #[test]
    fn without_a_credential_users_stay_as_they_are() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config");
        let mut config = Kubeconfig::open(vec![path.clone()]).unwrap();
        config.put(&entry(admin())).unwrap();
        config.put(&entry(Login::Untouched)).unwrap();
        config.save().unwrap();
        assert_eq!(content(&path)["users"][0]["user"]["client-key-data"], "S0VZ");
        assert_eq!(content(&path)["contexts"][0]["context"]["user"], "demo.example.com");
        assert!(config.has_user("demo.example.com"));
    }

    #[test]
    fn a_context_has_a_user_only_if_that_exists() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config");
        let context = |user: &str| {
            let context =
                json!({ "name": "demo.example.com", "context": { "cluster": "demo.example.com", "user": user } });
            std::fs::write(&path, json!({ "contexts": [context], "users": [{ "name": "jane" }] }).to_string()).unwrap();
            Kubeconfig::open(vec![path.clone()]).unwrap().has_user("demo.example.com")
        };
        assert_eq!(["jane", "joe", ""].map(context), [true, false, false]);
        let mut config = Kubeconfig::open(vec![directory.path().join("new")]).unwrap();
        config.put(&entry(Login::Untouched)).unwrap();
        assert!(!config.has_user("demo.example.com"));
    }

    #[test]
    fn a_plugin_replaces_the_certificate() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config");
        let mut config = Kubeconfig::open(vec![path.clone()]).unwrap();
        config.put(&entry(admin())).unwrap();
        config.put(&entry(Login::Plugin { command: "kopsform".to_owned(), args: vec!["x".to_owned()] })).unwrap();
        config.save().unwrap();
        let user = &content(&path)["users"][0]["user"];
        assert!(user.get("client-key-data").is_none());
        assert_eq!(user["exec"]["command"], "kopsform");
    }

    #[test]
    fn an_existing_user_must_exist() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config");
        std::fs::write(&path, OTHER).unwrap();
        let mut config = Kubeconfig::open(vec![path]).unwrap();
        assert!(matches!(config.put(&entry(Login::Existing("joe".to_owned()))), Err(ConfigError::NoUser(_))));
        config.put(&entry(Login::Existing("jane".to_owned()))).unwrap();
    }

    #[test]
    fn of_several_files_each_keeps_its_entries() {
        let directory = tempfile::tempdir().unwrap();
        let [absent, first, second] = ["absent", "first", "second"].map(|name| directory.path().join(name));
        std::fs::write(&first, "apiVersion: v1\nkind: Config\n").unwrap();
        std::fs::write(&second, OTHER).unwrap();
        let mut config = Kubeconfig::open(vec![absent.clone(), first.clone(), second.clone()]).unwrap();
        config.put(&entry(admin())).unwrap();
        config.save().unwrap();
        assert!(!absent.exists());
        assert_eq!(content(&first)["clusters"][0]["name"], "demo.example.com");
        assert_eq!(content(&second)["current-context"], "demo.example.com", "it had the current context before");
    }

    #[cfg(unix)]
    #[test]
    fn files_are_for_their_owner_and_links_stay_links() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let [real, link] = ["real", "link"].map(|name| directory.path().join(name));
        std::fs::write(&real, OTHER).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let mut config = Kubeconfig::open(vec![link.clone()]).unwrap();
        config.put(&entry(admin())).unwrap();
        config.save().unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_malformed_file_is_left_alone_and_not_repeated() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config");
        std::fs::write(&path, "users: [token: s3cret\n").unwrap();
        let error = Kubeconfig::open(vec![path.clone()]).err().unwrap().to_string();
        assert!(!error.contains("s3cret"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "users: [token: s3cret\n");
    }
}
