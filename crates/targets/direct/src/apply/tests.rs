//! Updates in a cloud that fails in every way: requests that do not arrive, answers that are lost, objects that are half made,
//! signals in between.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use kopsform_model::{Kind, NodeId};
use proptest::collection::vec;
use proptest::prelude::*;

use kopsform_diagnostics::Explain as _;

use super::*;
use crate::diff;
use crate::found::{Found, Object};
use crate::ports::Operation;
use crate::task::{Task, TaskKind};
use crate::value::Value;

/// What happens to a request that writes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Carried,
    /// It does not arrive.
    Throttled,
    /// It is carried out, and the answer is an error.
    AnswerLost,
    /// The object is created, and a later part of the change fails.
    Half,
}

/// A cloud that gives each write the next fate, and carries out all that follow.
#[derive(Default)]
struct Flaky {
    fates: Mutex<Vec<Fate>>,
    objects: Mutex<BTreeMap<TaskId, Object>>,
    /// How often each object was created.
    created: Mutex<BTreeMap<TaskId, usize>>,
    /// Whether names are taken: a second creation is refused by name instead of making a second object.
    names_are_unique: bool,
    /// Stopped after that many writes.
    stop_after: Option<(usize, Stop)>,
    writes: Mutex<usize>,
}

impl Flaky {
    fn fate(&self) -> Fate {
        let mut writes = self.writes.lock().unwrap();
        *writes += 1;
        if let Some((after, stop)) = &self.stop_after
            && *writes >= *after
        {
            stop.request("a test asked for it".to_owned());
        }
        self.fates.lock().unwrap().pop().unwrap_or(Fate::Carried)
    }

    fn set(&self, operation: &Operation<'_>, object: &mut Object, half: bool) {
        for name in operation.fields.iter().take(if half { 1 } else { usize::MAX }) {
            let value = operation.task.value(name).unwrap().resolve(operation.ids);
            object.fields.insert(name, value);
        }
    }

    fn answer(&self, fate: Fate, object: Object) -> Result<Attributes, CloudError> {
        match fate {
            Fate::Carried => Ok(object.attributes),
            _ => Err(ApiError::transient("write", "InternalError").into()),
        }
    }
}

#[async_trait]
impl Cloud for Flaky {
    fn aim_at(&mut self, _graph: kopsform_model::Graph) {}

    async fn find(&self, tasks: &[Task]) -> Result<Found, ApiError> {
        let objects = self.objects.lock().unwrap();
        let known = tasks.iter().filter_map(|task| Some((task.id.clone(), objects.get(&task.id)?.clone())));
        Ok(Found { objects: known.collect(), ..Found::default() })
    }

    async fn create(&self, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
        let fate = self.fate();
        let id = &operation.task.id;
        if fate == Fate::Throttled {
            return Err(ApiError::transient("create", "RequestLimitExceeded").into());
        }
        if self.names_are_unique && self.objects.lock().unwrap().contains_key(id) {
            return Err(CloudError::Exists(ApiError::permanent("create", "EntityAlreadyExists")));
        }
        *self.created.lock().unwrap().entry(id.clone()).or_default() += 1;
        let mut object = Object::new(format!("id-of-{id}"));
        self.set(operation, &mut object, fate == Fate::Half);
        self.objects.lock().unwrap().insert(id.clone(), object.clone());
        self.answer(fate, object)
    }

    async fn update(&self, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
        let fate = self.fate();
        if fate == Fate::Throttled {
            return Err(ApiError::transient("update", "RequestLimitExceeded").into());
        }
        let mut object = self.objects.lock().unwrap()[&operation.task.id].clone();
        self.set(operation, &mut object, fate == Fate::Half);
        self.objects.lock().unwrap().insert(operation.task.id.clone(), object.clone());
        self.answer(fate, object)
    }

    async fn delete(&self, operation: &Operation<'_>) -> Result<(), CloudError> {
        let fate = self.fate();
        if fate == Fate::Throttled {
            return Err(ApiError::transient("delete", "RequestLimitExceeded").into());
        }
        match self.objects.lock().unwrap().remove(&operation.task.id) {
            None => Err(CloudError::Missing(ApiError::permanent("delete", "NoSuchEntity"))),
            Some(_) if fate == Fate::Carried => Ok(()),
            Some(_) => Err(ApiError::transient("delete", "InternalError").into()),
        }
    }

    async fn remove(&self, _: &Residue) -> Result<(), CloudError> {
        match self.fate() {
            Fate::Carried => Ok(()),
            _ => Err(CloudError::Missing(ApiError::permanent("remove", "NotFound"))),
        }
    }
}

/// Time that passes by waiting only.
#[derive(Default)]
struct FakeClock(Mutex<Duration>);

#[async_trait]
impl Clock for FakeClock {
    fn now(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    fn wall(&self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH
    }

    async fn sleep(&self, duration: Duration) {
        *self.0.lock().unwrap() += duration;
    }
}

/// A chain of tasks, each of which refers to the one before, with several fields.
fn tasks() -> Vec<Task> {
    let node = NodeId { kind: Kind::Vpc, name: "n".into() };
    let kinds = [TaskKind::Vpc, TaskKind::Subnet, TaskKind::IamRole, TaskKind::ElasticIp, TaskKind::NatGateway];
    let id = |n: usize| TaskId::new(kinds[n], format!("n{n}"));
    (0..kinds.len())
        .map(|n| {
            let task = Task::new(kinds[n], format!("n{n}"), node.clone());
            let task = task.update("A", true).update("B", "text").update("C", 1_i64);
            if n > 0 { task.update("D", Value::id(id(n - 1))) } else { task }
        })
        .collect()
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

async fn update(cloud: &Flaky, tasks: &[Task], stop: Stop) -> Result<ApplyReport, ApplyError> {
    let plan = diff(tasks, cloud.find(tasks).await.unwrap()).unwrap();
    let options = ApplyOptions { stop, ..ApplyOptions::default() };
    apply(&plan, cloud, &FakeClock::default(), &options, &|_| {}).await
}

fn fates() -> impl Strategy<Value = Vec<Fate>> {
    vec(prop_oneof![Just(Fate::Carried), Just(Fate::Throttled), Just(Fate::AnswerLost), Just(Fate::Half)], 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn nothing_is_made_twice_whatever_fails(fates in fates(), names_are_unique: bool) {
        let cloud = Flaky { fates: Mutex::new(fates), names_are_unique, ..Flaky::default() };
        run(async {
            let tasks = tasks();
            update(&cloud, &tasks, Stop::default()).await.unwrap();
            assert!(cloud.created.lock().unwrap().values().all(|count| *count == 1));
            assert!(diff(&tasks, cloud.find(&tasks).await.unwrap()).unwrap().is_empty());
        });
    }

    #[test]
    fn a_stopped_update_says_what_is_left_and_the_next_one_makes_it(fates in fates(), after in 1_usize..8) {
        let stop = Stop::default();
        let cloud = Flaky { fates: Mutex::new(fates), stop_after: Some((after, stop.clone())), ..Flaky::default() };
        run(async {
            let tasks = tasks();
            if let Err(error) = update(&cloud, &tasks, stop).await {
                assert_eq!(error.stopped.as_deref(), Some("a test asked for it"));
                assert_eq!(error.exit_code(), kopsform_diagnostics::exit::ExitCode::Stopped);
                let left = error.failures.len() + error.not_started.len();
                assert_eq!(error.report.done.len() + left, tasks.len(), "{error}");
                let text = error.to_string();
                assert!(error.not_started.iter().all(|task| text.contains(&task.to_string())), "{text}");
            }
            let cloud = Flaky { stop_after: None, fates: Mutex::default(), ..cloud };
            update(&cloud, &tasks, Stop::default()).await.unwrap();
            assert!(cloud.created.lock().unwrap().values().all(|count| *count == 1));
            assert!(diff(&tasks, cloud.find(&tasks).await.unwrap()).unwrap().is_empty());
        });
    }
}

#[test]
fn what_others_have_under_the_same_name_is_an_error() {
    /// A cloud in which every name is taken by something that is not the cluster's.
    struct Taken;
    #[async_trait]
    impl Cloud for Taken {
        fn aim_at(&mut self, _graph: kopsform_model::Graph) {}

        async fn find(&self, _: &[Task]) -> Result<Found, ApiError> {
            Ok(Found::default())
        }
        async fn create(&self, _: &Operation<'_>) -> Result<Attributes, CloudError> {
            Err(CloudError::Exists(ApiError::permanent("CreateRole", "EntityAlreadyExists: it exists")))
        }
        async fn update(&self, _: &Operation<'_>) -> Result<Attributes, CloudError> {
            unreachable!()
        }
        async fn delete(&self, _: &Operation<'_>) -> Result<(), CloudError> {
            unreachable!()
        }
        async fn remove(&self, _: &Residue) -> Result<(), CloudError> {
            unreachable!()
        }
    }
    run(async {
        let plan = diff(&tasks()[..1], Found::default()).unwrap();
        let clock = FakeClock::default();
        let error = apply(&plan, &Taken, &clock, &ApplyOptions::default(), &|_| {}).await.unwrap_err();
        assert!(error.failures[0].error.message.contains("it exists"), "{error}");
        assert!(clock.now() < Duration::from_secs(60), "it was tried for {:?}", clock.now());
    });
}

#[test]
fn what_is_deleted_already_counts_as_deleted() {
    let absent = Task { expected: crate::Expected::Absent, ..tasks().remove(2) };
    let cloud = Flaky { fates: Mutex::new(vec![Fate::AnswerLost]), ..Flaky::default() };
    cloud.objects.lock().unwrap().insert(absent.id.clone(), Object::new("role"));
    let report = run(update(&cloud, std::slice::from_ref(&absent), Stop::default())).unwrap();
    assert!(report.done.contains(&absent.id) && cloud.objects.lock().unwrap().is_empty());
}

#[test]
fn nothing_is_deleted_while_changes_are_missing() {
    let residue =
        Residue { when: When::Now, kind: "LaunchTemplate", item: "old".to_owned(), handle: "lt-1".to_owned() };
    let mut plan = diff(&tasks()[..1], Found { residue: vec![residue.clone()], ..Found::default() }).unwrap();
    plan.deletions = vec![residue.clone()];
    let stop = Stop::default();
    stop.request("a test asked for it".to_owned());
    let options = ApplyOptions { stop, ..ApplyOptions::default() };
    let error = run(apply(&plan, &Flaky::default(), &FakeClock::default(), &options, &|_| {})).unwrap_err();
    assert_eq!((error.not_started.len(), error.not_removed.as_slice()), (1, std::slice::from_ref(&residue)));
    assert!(error.to_string().contains("deletion of LaunchTemplate old"), "{error}");
}
