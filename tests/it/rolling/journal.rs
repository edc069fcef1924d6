//! The journal: what it lets an update revert, and what happens when it cannot be written.

use std::sync::Arc;

use async_trait::async_trait;
use kopsform_rolling::abort::{find_residue, revert};
use kopsform_rolling::journal::Journal;
use kopsform_rolling::observe::observe_groups;
use kopsform_state::{Action, Condition, Failure, MemoryStore, Store, StoreError, Stored, Version};

use super::clock::Ending;
use super::faults::{finished, kept_its_invariants, pods, said, workers};
use super::harness::{Staging, options, staged, update};
use super::simulation::{CLUSTER, GroupSpec, Simulation, Workload};

#[test]
fn abort_reverts_only_the_updates_own_changes() {
    let mut groups = workers(4);
    groups[1] = GroupSpec { outdated: 3, unavailable: Some(1), ..groups[1].clone() };
    let tight = Workload { min_available: Some(4), ..pods(1, 4) };
    let simulation = Simulation::new(groups, vec![tight], Vec::new());
    simulation.cordon_by_hand("i-nodes-2");
    let run = update(&simulation, &options());
    assert!(matches!(run.ending, Ending::Done(Err(_))));
    kept_its_invariants(&simulation);
    assert!(
        simulation.marks().iter().any(|(_, [cordoned, tainted, ..])| *cordoned && *tainted),
        "{:?}",
        simulation.marks()
    );

    let (cluster, specs) = (simulation.cluster(), simulation.specs());
    let abort = async {
        let journal = Journal::open(Arc::new(simulation.clone()), CLUSTER).await?;
        let facts =
            observe_groups(&simulation, Some(&simulation), &cluster, &specs).await.expect("the simulation responds");
        let seen = find_residue(&journal, &facts).await;
        let mut reverted = 0;
        let done = revert(&journal, &facts, &simulation, |_| reverted += 1).await?;
        assert_eq!((&seen, seen.nodes.len()), (&done, reverted));
        Ok::<_, Box<dyn std::error::Error>>(done)
    };
    let Ending::Done(Ok(done)) = simulation.clock.run(abort, || false) else { panic!("abort ends well") };
    assert_eq!(done.detached.iter().map(|d| d.instance.as_str()).collect::<Vec<_>>(), ["i-nodes-1"], "it serves");
    let left: Vec<_> = simulation.marks().into_iter().filter(|(_, [c, t, e, _])| *c || *t || *e).collect();
    assert_eq!(left, [("i-nodes-2".to_owned(), [true, false, false, false])], "the cordon of the user stays");
    assert!(simulation.store.contents().is_empty(), "the run is forgotten");
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
        Err(StoreError::Failed { action: Action::Write, url: self.url(key), kind: Failure::Denied, reason, hint: None })
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
fn a_store_that_cannot_be_written_disables_the_journal() {
    let simulation = Simulation::new(workers(2), Vec::new(), Vec::new());
    let store: Arc<dyn Store> = Arc::new(ReadOnly(MemoryStore::new()));
    let run = staged(&simulation, &options(), Staging { store: Some(store), ..Staging::default() });
    finished(&simulation, &run);
    let warnings = run.events.iter().filter(|e| e.to_string().contains("not recorded in a journal")).count();
    assert_eq!(warnings, 1, "it is reported once");
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
    let simulation = Simulation::new(workers(3), Vec::new(), Vec::new());
    let store: Arc<dyn Store> = Arc::new(Contested(MemoryStore::new(), std::sync::atomic::AtomicUsize::new(0)));
    let run = staged(&simulation, &options(), Staging { store: Some(store), ..Staging::default() });
    let (text, hints, _) = said(&run);
    assert!(text.contains("another rolling update of the cluster has started"), "{text}");
    assert!(hints.contains("wait for one run to finish"), "{hints}");
    kept_its_invariants(&simulation);
}
