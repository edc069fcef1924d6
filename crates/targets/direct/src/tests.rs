//! Properties of the whole: on a simulated cloud, applying a diff gives what is desired, and nothing is left to do.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use kopsform_model::fixture::Fixture;
use kopsform_model::{Kind, NodeId};
use kopsform_rolling::ports::{ApiError, Clock};
use kopsform_spec::v1alpha2::NodeTerminationHandler;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use crate::*;

/// A cloud that keeps what is written to it, and fails some calls.
#[derive(Default)]
struct Simulated {
    objects: Mutex<BTreeMap<TaskId, Object>>,
    residue: Mutex<Vec<Residue>>,
    /// How many of the next writes fail for now.
    failing: Mutex<usize>,
    /// Writes that succeed before every further one fails for good; `None` for no end.
    budget: Mutex<Option<usize>>,
    /// Tasks in the order of their writes.
    log: Mutex<Vec<TaskId>>,
}

impl Simulated {
    fn write(&self, task: &TaskId) -> Result<(), CloudError> {
        let mut failing = self.failing.lock().unwrap();
        if *failing > 0 {
            *failing -= 1;
            return Err(ApiError::transient("Create", "throttled").into());
        }
        if let Some(budget) = &mut *self.budget.lock().unwrap() {
            if *budget == 0 {
                return Err(ApiError::permanent("Create", "killed").into());
            }
            *budget -= 1;
        }
        self.log.lock().unwrap().push(task.clone());
        Ok(())
    }

    fn store(&self, operation: &Operation<'_>, object: Object) -> Result<Attributes, CloudError> {
        let mut object = object;
        for field in operation.task.fields.iter().filter(|field| operation.changes(field.name)) {
            let Some(value) = &field.value else { continue };
            let value = value.resolve(operation.ids);
            let mut unknown = false;
            value.references(&mut |_| unknown = true);
            assert!(!unknown, "{}: {} refers to what does not exist yet", operation.task.id, field.name);
            let before = object.fields.get(field.name).cloned();
            let value = match (value, before) {
                (Value::TagsOfInterest(tags), Some(Value::Map(mut all))) => {
                    all.extend(tags);
                    Value::Map(all)
                }
                (Value::TagsOfInterest(tags), _) => Value::Map(tags),
                (value, _) => value,
            };
            object.fields.insert(field.name, value);
        }
        let attributes = object.attributes.clone();
        self.objects.lock().unwrap().insert(operation.task.id.clone(), object);
        Ok(attributes)
    }
}

#[async_trait]
impl Cloud for Simulated {
    fn aim_at(&mut self, _graph: kopsform_model::Graph) {}

    async fn find(&self, tasks: &[Task]) -> Result<Found, ApiError> {
        let objects = self.objects.lock().unwrap();
        let known = tasks.iter().filter_map(|task| Some((task.id.clone(), objects.get(&task.id)?.clone())));
        Ok(Found { objects: known.collect(), residue: self.residue.lock().unwrap().clone(), ..Found::default() })
    }

    async fn create(&self, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
        self.write(&operation.task.id)?;
        assert!(operation.found.is_none());
        let object = Object::new(format!("id-of-{}", operation.task.id));
        let object =
            object.attribute(Attribute::DnsName, "lb.example.com").attribute(Attribute::Ipv6Cidr, "2001:db8::/56");
        self.store(operation, object)
    }

    async fn update(&self, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
        self.write(&operation.task.id)?;
        self.store(operation, operation.found.unwrap().clone())
    }

    async fn delete(&self, operation: &Operation<'_>) -> Result<(), CloudError> {
        self.write(&operation.task.id)?;
        self.objects.lock().unwrap().remove(&operation.task.id);
        Ok(())
    }

    async fn remove(&self, residue: &Residue) -> Result<(), CloudError> {
        self.residue.lock().unwrap().retain(|other| other != residue);
        Ok(())
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

fn task_id(n: usize) -> TaskId {
    TaskId::new(TaskKind::ALL[n % 5], format!("n{n}"))
}

fn node() -> NodeId {
    NodeId { kind: Kind::Vpc, name: "n".into() }
}

fn plain_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        (0_i64..3).prop_map(Value::Number),
        vec("[a-c]", 0..3).prop_map(Value::set),
        vec("[a-c]", 0..3).prop_map(Value::list),
        Just(Value::Absent),
    ]
}

fn tags() -> impl Strategy<Value = BTreeMap<String, String>> {
    btree_map("[a-c]", "[x-z]", 0..3)
}

/// Tasks that refer to earlier ones only, as the tasks of a graph can be ordered to.
fn tasks() -> impl Strategy<Value = Vec<Task>> {
    vec((plain_value(), tags(), vec(any::<prop::sample::Index>(), 0..3), any::<bool>()), 1..12).prop_map(|specs| {
        let unwanted: Vec<bool> = specs.iter().map(|(.., wanted)| !wanted).collect();
        let mut tasks: Vec<Task> = specs
            .into_iter()
            .enumerate()
            .map(|(n, (value, tags, references, _))| {
                let id = task_id(n);
                let mut task =
                    Task::new(id.kind, id.name, node()).update("A", value).update("Tags", Value::TagsOfInterest(tags));
                if n > 0 {
                    let to = references.iter().map(|index| Value::id(task_id(index.index(n))));
                    task = task.update("B", Value::Set(to.collect()));
                }
                task
            })
            .collect();
        // Only what nothing refers to may be absent.
        let needed: BTreeSet<TaskId> = tasks.iter().flat_map(|task| task.needs.clone()).collect();
        for (task, unwanted) in tasks.iter_mut().zip(unwanted) {
            if unwanted && !needed.contains(&task.id) {
                task.expected = Expected::Absent;
            }
        }
        tasks
    })
}

fn found() -> impl Strategy<Value = BTreeMap<TaskId, Object>> {
    btree_map(0_usize..12, (plain_value(), tags()), 0..12).prop_map(|objects| {
        objects
            .into_iter()
            .map(|(n, (value, tags))| {
                let id = task_id(n);
                let object = Object::new(format!("id-of-{id}")).field("A", value).field("Tags", Value::Map(tags));
                (id, object.field("B", Value::set(["someone-else"])))
            })
            .collect()
    })
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

async fn plan(cloud: &Simulated, tasks: &[Task]) -> Plan {
    diff(tasks, cloud.find(tasks).await.unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn applying_a_diff_gives_what_is_desired(tasks in tasks(), objects in found(), failing in 0_usize..4, concurrency in 1_usize..5) {
        let cloud = Simulated { objects: Mutex::new(objects), failing: Mutex::new(failing), ..Simulated::default() };
        run(async {
            let options = ApplyOptions { concurrency, ..ApplyOptions::default() };
            let first = plan(&cloud, &tasks).await;
            let report = apply(&first, &cloud, &FakeClock::default(), &options, &|_| {}).await.unwrap();
            assert_eq!(report.done, first.changes.keys().cloned().collect::<BTreeSet<_>>());
            let found = cloud.find(&tasks).await.unwrap();
            let ids = found.ids();
            for task in &tasks {
                if task.expected == Expected::Absent {
                    assert!(!found.objects.contains_key(&task.id), "{} still exists", task.id);
                    continue;
                }
                for field in &task.fields {
                    let wanted = field.value.as_ref().unwrap().resolve(&ids);
                    let actual = &found.objects[&task.id].fields.get(field.name).cloned().unwrap_or(Value::Absent);
                    assert!(wanted.accepts(actual), "{} {}: {wanted} is not {actual}", task.id, field.name);
                }
            }
            assert!(plan(&cloud, &tasks).await.is_empty());
            // Each change is made once, and after what it needs.
            let log = cloud.log.lock().unwrap().clone();
            assert_eq!(log.len(), first.changes.len());
            for (at, id) in log.iter().enumerate() {
                let task = tasks.iter().find(|task| task.id == *id).unwrap();
                assert!(task.needs.iter().all(|need| !log[at..].contains(need)), "{id} came before what it needs");
            }
        });
    }

    #[test]
    fn an_interrupted_update_is_continued_by_the_next(tasks in tasks(), objects in found(), budget in 0_usize..12) {
        let whole = Simulated { objects: Mutex::new(objects.clone()), ..Simulated::default() };
        let cut = Simulated { objects: Mutex::new(objects), budget: Mutex::new(Some(budget)), ..Simulated::default() };
        run(async {
            let options = ApplyOptions::default();
            apply(&plan(&whole, &tasks).await, &whole, &FakeClock::default(), &options, &|_| {}).await.unwrap();
            let first = plan(&cut, &tasks).await;
            match apply(&first, &cut, &FakeClock::default(), &options, &|_| {}).await {
                Ok(_) => assert!(first.changes.len() <= budget),
                Err(error) => {
                    let all = error.report.done.len() + error.failures.len() + error.not_started.len();
                    assert_eq!(all, first.changes.len(), "{error}");
                }
            }
            *cut.budget.lock().unwrap() = None;
            apply(&plan(&cut, &tasks).await, &cut, &FakeClock::default(), &options, &|_| {}).await.unwrap();
            assert_eq!(*cut.objects.lock().unwrap(), *whole.objects.lock().unwrap());
        });
    }
}

const FIELDS: [&str; 6] = ["F0", "F1", "F2", "F3", "F4", "F5"];

fn on_change() -> impl Strategy<Value = OnChange> {
    prop_oneof![
        Just(OnChange::Update),
        Just(OnChange::SetOnce),
        Just(OnChange::Grow),
        Just(OnChange::Prune),
        Just(OnChange::Refuse),
        Just(OnChange::Shown),
        Just(OnChange::Ignore),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// What may not change is refused as a whole, and everything else ends as desired or as it was found.
    #[test]
    fn fields_change_only_as_they_may(fields in vec((on_change(), plain_value(), proptest::option::of(plain_value())), 1..6), exists in any::<bool>()) {
        let mut task = Task::new(TaskKind::Vpc, "a", node());
        let mut object = Object::new("vpc-1");
        for (name, (on_change, wanted, found)) in FIELDS.into_iter().zip(&fields) {
            task = task.field(name, wanted.clone(), *on_change);
            object.fields.extend(found.clone().map(|found| (name, found)));
        }
        let before = exists.then(|| (task.id.clone(), object.clone()));
        let cloud = Simulated { objects: Mutex::new(before.into_iter().collect()), ..Simulated::default() };
        let tasks = [task.clone()];
        let refused: Vec<&str> = FIELDS
            .into_iter()
            .zip(&fields)
            .filter(|(_, (on_change, wanted, found))| {
                let Some(found) = found.as_ref().filter(|found| exists && !wanted.accepts(found)) else { return false };
                match on_change {
                    OnChange::Refuse => true,
                    OnChange::SetOnce => !found.is_empty(),
                    OnChange::Grow => !wanted.includes(found),
                    _ => false,
                }
            })
            .map(|(name, _)| name)
            .collect();
        run(async {
            match diff(&tasks, cloud.find(&tasks).await.unwrap()) {
                Err(RefusedError(refusals)) => {
                    let named: Vec<&str> = refusals
                        .iter()
                        .map(|refusal| match refusal {
                            Refusal::Immutable { field, .. } => *field,
                            other => panic!("{other}"),
                        })
                        .collect();
                    assert_eq!(named, refused);
                    return;
                }
                Ok(plan) => {
                    assert!(refused.is_empty(), "{refused:?} were not refused");
                    apply(&plan, &cloud, &FakeClock::default(), &ApplyOptions::default(), &|_| {}).await.unwrap();
                }
            }
            let found = cloud.find(&tasks).await.unwrap().objects.remove(&task.id).unwrap();
            for (name, (on_change, wanted, before)) in FIELDS.into_iter().zip(&fields) {
                let now = found.fields.get(name);
                match (on_change, before.as_ref().filter(|_| exists)) {
                    (OnChange::Shown | OnChange::Ignore, Some(before)) => assert_eq!(now, Some(before), "{name}"),
                    // Members that are surplus stay until pruning.
                    (OnChange::Prune, Some(before)) if before.includes(wanted) => assert_eq!(now, Some(before)),
                    // Not reported, so not compared.
                    (_, None) if exists => assert_eq!(now, None, "{name}"),
                    _ => assert!(wanted.accepts(now.unwrap_or(&Value::Absent)), "{name}"),
                }
            }
            let again = diff(&tasks, cloud.find(&tasks).await.unwrap()).unwrap();
            assert!(!again.is_due(false), "{again:?}");
        });
    }
}

fn vpc() -> Task {
    Task::new(TaskKind::Vpc, "a", node()).fixed("CIDR", "10.0.0.0/16").update("EnableDNSSupport", true)
}

fn found_vpc(cidr: &str) -> Found {
    let object = Object::new("vpc-1").field("CIDR", cidr).field("EnableDNSSupport", false);
    Found { objects: [(vpc().id, object)].into(), ..Found::default() }
}

#[test]
fn what_cannot_be_changed_is_refused_with_all_that_differs() {
    let error = diff(&[vpc()], found_vpc("10.1.0.0/16")).unwrap_err();
    assert_eq!(error.to_string(), "VPC/a: CIDR cannot be changed from 10.1.0.0/16 to 10.0.0.0/16");
    let missing = Task { expected: Expected::Existing { id: Some("vpc-2".to_owned()) }, ..vpc() };
    assert_eq!(diff(&[missing], Found::default()).unwrap_err().to_string(), "VPC/a: vpc-2 does not exist");
}

#[test]
fn lifecycles_decide_what_a_difference_means() {
    use kopsform_model::Lifecycle::*;
    let outcome = |lifecycle, found| diff(&[Task { lifecycle, ..vpc() }], found);
    assert_eq!(outcome(Sync, found_vpc("10.0.0.0/16")).unwrap().changes.len(), 1);
    assert!(outcome(Ignore, found_vpc("10.1.0.0/16")).unwrap().is_empty());
    let warned = outcome(ExistsAndWarnIfChanges, found_vpc("10.0.0.0/16")).unwrap();
    assert_eq!(warned.warnings, ["VPC/a differs in EnableDNSSupport and is left as it is"]);
    assert!(warned.is_empty());
    assert_eq!(outcome(ExistsAndWarnIfChanges, Found::default()).unwrap().warnings, ["VPC/a does not exist"]);
    assert!(outcome(ExistsAndValidates, found_vpc("10.0.0.0/16")).is_err());
    assert!(outcome(ExistsAndValidates, Found::default()).is_err());
}

#[test]
fn previews_list_creations_modifications_and_deletions() {
    let subnet = Task::new(TaskKind::Subnet, "s.a", node()).fixed("CIDR", "10.0.0.0/24").fixed("VPC", vpc().id);
    let mut found = found_vpc("10.0.0.0/16");
    for (when, item) in [(When::Now, "one"), (When::Pruned, "two")] {
        found.residue.push(Residue { when, kind: "LaunchTemplate", item: item.to_owned(), handle: String::new() });
    }
    let plan = diff(&[subnet, vpc()], found).unwrap();
    assert_eq!(
        preview::print(&plan),
        "Will create resources:\n  Subnet/s.a\n  \tCIDR                \t10.0.0.0/24\n  \tVPC                 \tname:a id:vpc-1\n\n\
         Will modify resources:\n  VPC/a\n  \tEnableDNSSupport    \tfalse -> true\n\n\
         Will delete items, only with --prune:\n  LaunchTemplate       two\n\n\
         Will delete items with this update:\n  LaunchTemplate       one\n\n"
    );
    let json = report::json(&plan);
    assert_eq!(json["modify"][0]["fields"]["EnableDNSSupport"], serde_json::json!({"from": false, "to": true}));
    assert_eq!(json["create"][0]["fields"]["VPC"], serde_json::json!({"unknown": "VPC/a"}));
    assert_eq!(json["delete"][1], serde_json::json!({"kind": "LaunchTemplate", "item": "two", "when": "prune"}));
}

#[test]
fn what_is_not_wanted_is_deleted_and_shown_as_switched_off() {
    let hook = Task { expected: Expected::Absent, ..Task::new(TaskKind::LifecycleHook, "h", node()) };
    assert!(diff(std::slice::from_ref(&hook), Found::default()).unwrap().is_empty());
    let found = Found { objects: [(hook.id.clone(), Object::new("h"))].into(), ..Found::default() };
    let plan = diff(&[hook], found).unwrap();
    assert!(preview::print(&plan).contains("AutoscalingLifecycleHook/h\n  \tEnabled             \ttrue -> false"));
}

/// The tasks of a cluster with everything that needs no keys.
fn tasks_of_cluster() -> Vec<Task> {
    use kopsform_model::aws::{
        dns, etcd_volumes, iam, load_balancer, network, node_termination, security_groups, ssh_key,
    };
    let mut fixture = Fixture::default();
    let handler = NodeTerminationHandler { enabled: Some(true), ..NodeTerminationHandler::default() };
    fixture.cluster.spec.node_termination_handler = Some(handler);
    let builders = [
        network::build,
        security_groups::build,
        load_balancer::build,
        dns::build,
        iam::build,
        ssh_key::build,
        etcd_volumes::build,
    ];
    let graph = fixture.build(|context, graph| {
        builders.iter().try_for_each(|build| build(context, graph))?;
        // Hooks refer to groups, which need keys.
        node_termination::build(context, graph).or(Ok(()))
    });
    desired::tasks(&graph.unwrap(), &desired::Settings::default())
}

#[test]
fn a_cluster_is_created_in_the_order_of_its_references() {
    let tasks: Vec<Task> =
        tasks_of_cluster().into_iter().filter(|task| task.id.kind != TaskKind::LifecycleHook).collect();
    let cloud = Simulated::default();
    // What exists before the cluster.
    for task in tasks.iter().filter(|task| matches!(task.expected, Expected::Existing { .. })) {
        cloud.objects.lock().unwrap().insert(task.id.clone(), Object::new("existing"));
    }
    run(async {
        let first = plan(&cloud, &tasks).await;
        assert!(first.changes.len() > 30, "{}", first.changes.len());
        let report = apply(&first, &cloud, &FakeClock::default(), &ApplyOptions::default(), &|_| {}).await.unwrap();
        assert_eq!(report.done.len(), first.changes.len());
        assert!(plan(&cloud, &tasks).await.is_empty());
    });
}

#[test]
fn kops_task_names_are_used() {
    let names: Vec<String> = tasks_of_cluster().iter().map(|task| task.id.to_string()).collect();
    for name in [
        "VPCAmazonIPv6CIDRBlock/AmazonIPv6",
        "IAMRolePolicy/master-policyoverride",
        "IAMRolePolicy/node-policyoverride",
        "IAMInstanceProfileRole/nodes.a.example.com",
        "Route/private-us-east-1a-0.0.0.0/0",
        "EventBridgeTarget/a.example.com-SpotInterruption-Target",
        "SecurityGroupRule/from-nodes.a.example.com-ingress-all-0to0-nodes.a.example.com",
    ] {
        assert!(names.iter().any(|other| other == name), "{name} is not among {names:?}");
    }
}

#[test]
fn what_only_others_may_change_is_shown_and_refused() {
    let shared = Task::new(TaskKind::Vpc, "a", node()).field("EnableDNSSupport", true, OnChange::Others);
    let plan = diff(&[shared], found_vpc("10.0.0.0/16")).unwrap();
    assert!(preview::print(&plan).contains("false -> true"));
    assert_eq!(
        RefusedError(plan.refusals).to_string(),
        "VPC/a is not the cluster's, so its EnableDNSSupport stays false; the cluster needs true"
    );
}

#[test]
fn members_that_are_surplus_wait_for_pruning() {
    let group = Task::new(TaskKind::AutoscalingGroup, "g", node());
    let task =
        |wanted: &[&str]| group.clone().field("TargetGroups", Value::set(wanted.iter().copied()), OnChange::Prune);
    let object = Object::new("g").field("TargetGroups", Value::set(["a", "b"]));
    let found = || Found { objects: [(group.id.clone(), object.clone())].into(), ..Found::default() };
    let surplus = diff(&[task(&["a"])], found()).unwrap();
    assert!(!surplus.is_empty() && !surplus.is_due(false));
    assert!(diff(&[task(&["a", "c"])], found()).unwrap().is_due(false));
    assert!(diff(&[task(&["b", "a"])], found()).unwrap().is_empty());
}

#[test]
fn a_failure_that_lasts_ends_at_the_deadline() {
    let cloud = Simulated { failing: Mutex::new(usize::MAX), ..Simulated::default() };
    run(async {
        let clock = FakeClock::default();
        let plan = diff(&[vpc()], Found::default()).unwrap();
        let error = apply(&plan, &cloud, &clock, &ApplyOptions::default(), &|_| {}).await.unwrap_err();
        assert_eq!(error.failures[0].what, "VPC/a");
        assert!(clock.now() <= Duration::from_secs(600) && clock.now() > Duration::from_secs(580));
    });
}
