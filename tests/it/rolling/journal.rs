//! The journal: what it lets an update take back, and what happens where it can't be kept.

use std::sync::Arc;

use async_trait::async_trait;
use kopsform_rolling::abort::{leftovers, take_back};
use kopsform_rolling::journal::Journal;
use kopsform_rolling::observe::observe_groups;
use kopsform_state::{Action, Condition, Failure, MemoryStore, Store, StoreError, Stored, Version};

use super::clock::Ending;
use super::faults::{finished, kept_its_promises, pods, said, workers};
use super::harness::{Staging, options, staged, update};
use super::world::{CLUSTER, GroupSpec, SimWorld, Workload};

#[test]
fn abort_takes_back_what_the_update_did_and_nothing_else() {
    let mut groups = workers(4);
    groups[1] = GroupSpec { outdated: 3, unavailable: Some(1), ..groups[1].clone() };
    let tight = Workload { min_available: Some(4), ..pods(1, 4) };
    let world = SimWorld::new(groups, vec![tight], Vec::new());
    world.cordon_by_hand("i-nodes-2");
    let run = update(&world, &options());
    assert!(matches!(run.ending, Ending::Done(Err(_))));
    kept_its_promises(&world);
    assert!(world.marks().iter().any(|(_, [cordoned, tainted, ..])| *cordoned && *tainted), "{:?}", world.marks());

    let (cluster, specs) = (world.cluster(), world.specs());
    let abort = async {
        let journal = Journal::open(Arc::new(world.clone()), CLUSTER).await?;
        let facts = observe_groups(&world, Some(&world), &cluster, &specs).await.expect("the world answers");
        let seen = leftovers(&journal, &facts).await;
        let mut told = 0;
        let done = take_back(&journal, &facts, &world, |_| told += 1).await?;
        assert_eq!((&seen, seen.nodes.len()), (&done, told));
        Ok::<_, Box<dyn std::error::Error>>(done)
    };
    let Ending::Done(Ok(done)) = world.clock.run(abort, || false) else { panic!("abort ends well") };
    assert_eq!(done.detached.iter().map(|d| d.instance.as_str()).collect::<Vec<_>>(), ["i-nodes-1"], "it serves");
    let left: Vec<_> = world.marks().into_iter().filter(|(_, [c, t, e, _])| *c || *t || *e).collect();
    assert_eq!(left, [("i-nodes-2".to_owned(), [true, false, false, false])], "a person's own cordon stays");
    assert!(world.store.contents().is_empty(), "the run is forgotten");
}

/// A store that can be read and not written.
struct ReadOnly(MemoryStore);

#[async_trait]
impl Store for ReadOnly {
    async fn read(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        self.0.read(key).await
    }

    async fn write(&self, key: &str, _: &[u8], _: Condition) -> Result<Version, StoreError> {
        let reason = "denied".to_owned();
        Err(StoreError::Failed { action: Action::Write, url: self.url(key), kind: Failure::Denied, reason })
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.write(key, &[], Condition::None).await.map(|_| ())
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        self.0.list(prefix).await
    }

    fn url(&self, key: &str) -> String {
        self.0.url(key)
    }
}

#[test]
fn a_store_that_cannot_be_written_costs_the_journal_only() {
    let world = SimWorld::new(workers(2), Vec::new(), Vec::new());
    let store: Arc<dyn Store> = Arc::new(ReadOnly(MemoryStore::new()));
    let run = staged(&world, &options(), Staging { store: Some(store), ..Staging::default() });
    finished(&world, &run);
    let warnings = run.events.iter().filter(|e| e.to_string().contains("keeps no journal")).count();
    assert_eq!(warnings, 1, "it is said once");
}

/// A store in which another run begins after so many writes.
struct Contested(MemoryStore, std::sync::atomic::AtomicUsize);

#[async_trait]
impl Store for Contested {
    async fn read(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        self.0.read(key).await
    }

    async fn write(&self, key: &str, bytes: &[u8], condition: Condition) -> Result<Version, StoreError> {
        if self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 5 {
            self.0.write(key, b"{\"instances\":{}}", Condition::None).await?;
        }
        self.0.write(key, bytes, condition).await
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.0.delete(key).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        self.0.list(prefix).await
    }

    fn url(&self, key: &str) -> String {
        self.0.url(key)
    }
}

#[test]
fn of_two_runs_the_older_one_ends() {
    let world = SimWorld::new(workers(3), Vec::new(), Vec::new());
    let store: Arc<dyn Store> = Arc::new(Contested(MemoryStore::new(), std::sync::atomic::AtomicUsize::new(0)));
    let run = staged(&world, &options(), Staging { store: Some(store), ..Staging::default() });
    let (text, hints, _) = said(&run);
    assert!(text.contains("another rolling update of the cluster has begun meanwhile"), "{text}");
    assert!(hints.contains("let one run finish"), "{hints}");
    kept_its_promises(&world);
}
