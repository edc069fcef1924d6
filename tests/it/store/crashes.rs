//! A process that ends at any write leaves each object old or new, and running the same command again does the rest.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use kopsform::ops::replace;
use kopsform_state::{Condition, Holder, Process, StateStore, Store, StoreError, Stored, Version};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

use super::cases::{Place, places};
use super::specs::{NAME, contents, file_store, holder, in_depth, plan, store, whole};
use crate::support::kopsform;

/// A store whose user ends at one of its writes.
struct Crashing {
    inner: Arc<dyn Store>,
    /// Which write, from 0.
    at: usize,
    /// Whether that write is done still.
    after: bool,
    writes: AtomicUsize,
    ended: Notify,
    /// Writes that have begun. They outlast the writer: a thread writes a file to its end, and a server carries out a request.
    begun: Mutex<Vec<JoinHandle<()>>>,
}

impl Crashing {
    /// Whether this write is the one.
    fn is_due(&self) -> bool {
        self.writes.fetch_add(1, Ordering::SeqCst) == self.at
    }

    async fn end(&self) {
        self.ended.notify_one();
        std::future::pending::<()>().await;
    }

    /// Begins a write, which is completed even if its writer ends.
    async fn begin<T: Send + 'static>(&self, write: impl Future<Output = T> + Send + 'static) -> T {
        let (send, receive) = oneshot::channel();
        let task = tokio::spawn(async move {
            // Without a receiver, the writer has ended.
            let _ = send.send(write.await);
        });
        self.begun.lock().unwrap().push(task);
        receive.await.unwrap()
    }

    /// Waits for all writes that have begun.
    async fn settle(&self) {
        let begun = std::mem::take(&mut *self.begun.lock().unwrap());
        for task in begun {
            task.await.unwrap();
        }
    }
}

#[async_trait]
impl Store for Crashing {
    async fn read(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        self.inner.read(key).await
    }

    async fn write(&self, key: &str, bytes: &[u8], condition: Condition) -> Result<Version, StoreError> {
        let due = self.is_due();
        if due && !self.after {
            self.end().await;
        }
        let (inner, key, bytes) = (self.inner.clone(), key.to_owned(), bytes.to_owned());
        let written = self.begin(async move { inner.write(&key, &bytes, condition).await }).await;
        if due {
            self.end().await;
        }
        written
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        let due = self.is_due();
        if due && !self.after {
            self.end().await;
        }
        let (inner, key) = (self.inner.clone(), key.to_owned());
        let deleted = self.begin(async move { inner.delete(&key).await }).await;
        if due {
            self.end().await;
        }
        deleted
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        self.inner.list(prefix).await
    }

    fn url(&self, key: &str) -> String {
        self.inner.url(key)
    }
}

/// The lock of a process that is gone, as a crash leaves it.
fn gone() -> Holder {
    let mut process = Command::new("true").stdin(Stdio::null()).spawn().unwrap();
    let pid = process.id();
    process.wait().unwrap();
    Holder { process: Process { pid, ..Process::current() }, ..holder() }
}

/// Runs `replace` until its writer ends at a write. Returns whether there was such a write.
async fn crash(place: &Place, text: &str, at: usize, after: bool) -> bool {
    let inner = place.state.store().clone();
    let (writes, ended, begun) = (AtomicUsize::new(0), Notify::new(), Mutex::default());
    let crashing = Arc::new(Crashing { inner, at, after, writes, ended, begun });
    let state = StateStore::over(crashing.clone(), place.state.url().clone());
    let plan = plan(&state, text).await.unwrap();
    let holder = gone();
    let crashed = tokio::select! {
        outcome = replace::apply(&state, plan, &holder) => {
            outcome.unwrap();
            false
        }
        () = crashing.ended.notified() => true,
    };
    crashing.settle().await;
    crashed
}

fn assert_old_or_new(
    found: &BTreeMap<String, Vec<u8>>,
    old: &BTreeMap<String, Vec<u8>>,
    new: &BTreeMap<String, Vec<u8>>,
    what: &str,
) {
    for key in old.keys().chain(new.keys()) {
        let content = found.get(key);
        assert!(content == old.get(key) || content == new.get(key), "{what}: {key} is neither old nor new");
    }
    assert!(found.keys().all(|key| old.contains_key(key) || new.contains_key(key)), "{what}: {:?}", found.keys());
}

#[test]
fn a_crash_at_any_write_is_healed_by_the_next_run() {
    in_depth(async || {
        let (before, after_text) = (whole(2, 3), whole(3, 4));
        for place in places() {
            store(&place.state, &before).await.unwrap();
            let old = contents(&place.state).await;
            store(&place.state, &after_text).await.unwrap();
            let new = contents(&place.state).await;
            let mut crashes = 0;
            for after in [false, true] {
                for at in 0.. {
                    reset(&place.state, &old).await;
                    if !crash(&place, &after_text, at, after).await {
                        break;
                    }
                    place.settle().await;
                    crashes += 1;
                    let what = format!("{}, write {at}, {}", place.name, if after { "done" } else { "not done" });
                    assert_old_or_new(&contents(&place.state).await, &old, &new, &what);
                    store(&place.state, &after_text).await.unwrap();
                    assert_eq!(meaning(&contents(&place.state).await), meaning(&new), "{what}");
                    // A run that has nothing to do leaves a dead process's lock alone; the next one that writes takes it over.
                    store(&place.state, &before).await.unwrap();
                    assert!(place.state.store().list(".kopsform/").await.unwrap().is_empty(), "{what}: a lock is left");
                }
            }
            // The lock, the cluster, two changed groups, a new one, and the lock again, each not done and done.
            assert_eq!(crashes, 2 * 6, "{}", place.name);
        }
    });
}

/// Contents without the counters of changes, which depend on how often something was stored.
fn meaning(contents: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, serde_json::Value> {
    contents
        .iter()
        .map(|(key, bytes)| {
            let mut value: serde_json::Value =
                kopsform_yaml::from_str(key, std::str::from_utf8(bytes).unwrap()).unwrap();
            value["metadata"].as_object_mut().unwrap().remove("generation");
            // Once its groups are as the file has them, a cluster that lacks only what is chosen again is not stored another time.
            if key.ends_with("/config") {
                let spec = value["spec"].as_object_mut().unwrap();
                spec.remove("masterPublicName");
                for etcd in spec["etcdClusters"].as_array_mut().unwrap() {
                    etcd.as_object_mut().unwrap().remove("manager");
                }
            }
            (key.clone(), value)
        })
        .collect()
}

/// Makes a store hold exactly these objects.
async fn reset(state: &StateStore, wanted: &BTreeMap<String, Vec<u8>>) {
    let keys = state.store().list("").await.unwrap();
    state.store().delete_all(&keys).await.unwrap();
    for (key, bytes) in wanted {
        state.store().write(key, bytes, Condition::None).await.unwrap();
    }
}

#[test]
fn a_process_killed_at_any_moment_leaves_whole_files() {
    in_depth(async || {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("state");
        let state = file_store(&path);
        kill_often(&state, 40, |command| {
            command.args(["--state", path.to_str().unwrap()]);
        })
        .await;
        // Temporary files of killed processes are not objects of the store.
        assert!(contents(&state).await.keys().all(|key| !key.contains(".kopsform-")));
    });
}

#[cfg(feature = "gce")]
#[test]
fn a_process_killed_at_any_moment_leaves_whole_objects() {
    in_depth(async || {
        let server = super::servers::cloud_storage();
        // Writes arrive one after the other, so that runs are killed between them.
        let pause = |number: usize| std::time::Duration::from_millis(30 * (number as u64 % 10));
        let judge = move |_: &super::proxy::Request, number| super::proxy::Fate::PassAfter(pause(number));
        let proxy = super::proxy::Proxy::start(&server.address, judge);
        kill_often(&server.state_store(&server.address), 20, |command| {
            command.envs(server.settings(&proxy.address)).args(["--state", &server.bucket]);
        })
        .await;
    });
}

/// Replaces specs in a store by processes that are killed at different moments, and then again by one that is not.
async fn kill_often(state: &StateStore, kills: u64, to_store: impl Fn(&mut Command)) {
    let home = tempfile::tempdir().unwrap();
    let [old_file, new_file] = ["old.yml", "new.yml"].map(|name| home.path().join(name));
    std::fs::write(&old_file, whole(20, 3)).unwrap();
    std::fs::write(&new_file, whole(20, 4)).unwrap();
    let run = |file: &Path| {
        let mut command = kopsform(home.path());
        command.args(["replace", "--force", "--offline", "-f"]).arg(file);
        to_store(&mut command);
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        command
    };
    // How long a run takes here decides when to kill it.
    assert!(run(&old_file).status().unwrap().success());
    let began = std::time::Instant::now();
    assert!(run(&new_file).status().unwrap().success());
    let whole_run = began.elapsed();
    let mut interrupted = 0;
    for kill in 0..kills {
        let new = if kill % 2 == 0 { &old_file } else { &new_file };
        let before = contents(state).await;
        let mut process = run(new).spawn().unwrap();
        std::thread::sleep(whole_run.mul_f64(0.4 + 0.6 * (kill as f64) / (kills as f64)));
        process.kill().unwrap();
        process.wait().unwrap();
        // A server carries out what it was sent before.
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        let found = contents(state).await;
        assert_eq!(found.len(), before.len(), "an object is lost");
        let mut sizes = std::collections::BTreeSet::new();
        for (key, bytes) in &found {
            let text = std::str::from_utf8(bytes).unwrap();
            let value: serde_json::Value = kopsform_yaml::from_str(key, text).unwrap();
            assert!(value["metadata"]["name"].is_string(), "{key} is not whole: {text:?}");
            if key.contains("/nodes-") {
                sizes.insert(value["spec"]["maxSize"].as_u64().unwrap());
            }
        }
        assert!(sizes.iter().all(|size| [3, 4].contains(size)), "{sizes:?}");
        interrupted += usize::from(sizes.len() == 2);
        let healed = run(new).output().unwrap();
        assert!(healed.status.success(), "{}", String::from_utf8_lossy(&healed.stderr));
        assert_eq!(plan(state, &std::fs::read_to_string(new).unwrap()).await.unwrap().changed().count(), 0);
    }
    eprintln!("{interrupted} of {kills} runs were killed between two writes");
    // A run that has nothing to do leaves a dead process's lock alone. One of these writes, and takes it over.
    for file in [&old_file, &new_file] {
        assert!(run(file).status().unwrap().success());
    }
    assert!(state.store().list(&format!(".kopsform/{NAME}/")).await.unwrap().is_empty());
}
